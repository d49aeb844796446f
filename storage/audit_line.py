"""One line of the audit log: what it tells, byte for byte, and whether it is of a read or of a change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

READS: Final = frozenset("show list search read view find plan feed preview form fill state".split())
"""The last word of an action that only looks. Any other is taken for a change: an unknown one is never put off."""

THE_BOT: Final = "bot"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    id: int
    at: datetime
    actor: str
    action: str
    object_ref: str
    outcome: str


def is_read(action: str) -> bool:
    """Tell whether an action only looks: `participant.show` does, `inbox.take` does not."""
    return action.rpartition(".")[2] in READS


def may_wait(actor: str, action: str) -> bool:
    """Tell whether a line may get its link a moment later: a read, and what the bot does of itself.

    A page view and a turn then never queue behind the end of the chain.
    """
    return actor == THE_BOT or is_read(action)


def told(line: Entry) -> bytes:
    """Give what the line tells, the same bytes from either database."""
    at = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [line.id, at, line.actor, line.action, line.object_ref, line.outcome]
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def written_by_us(line: Entry) -> bytes:
    """Give what is marked when a line is written, so that one written by another hand can be told."""
    return b"line|" + told(line)
