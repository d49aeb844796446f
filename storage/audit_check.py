"""Is the audit log as it was written? Finds a line that was changed, taken away, put in or cut off, and says which.

What it cannot see: who has the installation's keys can write another chain, and a chain can be cut at its end together
with the row that says where it ends. Against both, the head is written to the program's log every hour, outside the
database, and `verify` is given one of them as its anchor.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import select

from storage import audit_chain, control
from storage.audit_chain import LINE, Head, first_hash, in_letters, is_ours, link_hash, of_row
from storage.db import Tx
from storage.tables import audit
from storage.tables_audit import audit_chain as chain
from storage.tables_audit import audit_waiting

Kind = Literal["changed", "missing", "inserted", "unlinked", "cut", "beginning", "anchor"]

CHECKED: Final = "audit.checked"  # control: how far the bounded check has come, see `check_some`
MOST_FAULTS: Final = 100
_PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written.

    changed     the line `line`, or its link, says something else than when it was written
    missing     the line is gone, or (`line` None) the link at `position` is
    inserted    the line was written by another hand
    unlinked    the line is ours, but its link and its place in the queue for one are gone
    cut         the chain ends at `position`, before where it ended once
    beginning   the chain does not begin as ours does
    anchor      at `position` the chain is another than the one that the anchor was taken from
    """

    kind: Kind
    line: int | None
    position: int | None = None


@dataclass(slots=True)
class Found:
    """What a check came to. `faults` holds the first hundred, in the order of the chain; `head` is where it ends."""

    links: int = 0
    waiting: int = 0
    head: Head | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether all is as it was written."""
        return not self.faults

    def add(self, kind: Kind, line: int | None, position: int | None = None) -> None:
        """Note a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(kind, line, position))


class Walk:
    """Goes along the chain from a link that is known, and notes what does not follow."""

    def __init__(self, tx: Tx, found: Found, position: int, hash_there: bytes | None) -> None:
        self._tx, self._found = tx, found
        self.position = position
        # After a link that is wrong the next may follow from what it says, or from what it should have said.
        self._before: tuple[bytes, ...] = () if hash_there is None else (hash_there,)

    @property
    def hash(self) -> bytes:
        """The hash of the link that was walked over last."""
        return self._before[0]

    def over(self, limit: int) -> int:
        """Walk over the next links, at most `limit`; return how many there were."""
        count = 0
        for row in audit_chain.links_after(self._tx, self.position, limit):
            count += 1
            if row.position != self.position + 1:
                self._found.add("missing", None, self.position + 1)
                self._before = ()
            self._one(row.position, row.audit_id, bytes(row.hash), row[3:])
            self.position = row.position
        return count

    def _one(self, position: int, line_id: int, told: bytes, row: Any) -> None:
        if row[0] is None:
            self._found.add("missing", line_id, position)
            self._before = (told,)
            return
        line, mark = of_row(row)
        right = [link_hash(self._tx, before, position, mark, line) for before in self._before]
        if any(hmac.compare_digest(told, each) for each in right):
            self._before = (told,)
            return
        if right or not is_ours(self._tx, line, mark):
            self._found.add("changed", line_id, position)
        self._before = (told, *right)


def verify(tx: Tx, anchor: tuple[str, int] | None = None) -> Found:
    """Check the whole log in the one moment that `tx` sees; `anchor` is a head's word and count from outside."""
    found = Found()
    start = tx.execute(select(chain.c.audit_id, chain.c.hash).where(chain.c.position == 0)).first()
    if start is None or start.audit_id != 0 or bytes(start.hash) != first_hash(tx):
        found.add("beginning", None, 0)
    walk = Walk(tx, found, 0, None if start is None else bytes(start.hash))
    while walk.over(_PAGE):
        pass
    found.links = walk.position
    _check_end(tx, found, walk)
    for kind, line_id in _not_linked(tx, found):
        found.add(kind, line_id)
    if anchor is not None:
        _check_anchor(tx, found, *anchor)
    return found


def _check_end(tx: Tx, found: Found, walk: Walk) -> None:
    kept = Head.load(control.find(tx, audit_chain.HEAD))
    last = tx.execute(select(chain.c.hash).where(chain.c.position == walk.position)).scalar_one_or_none()
    if kept is None or last is None or kept != Head(walk.position, bytes(last)):
        found.add("cut", None, walk.position)
    found.head = None if last is None else Head(walk.position, bytes(last))


def _not_linked(tx: Tx, found: Found) -> Iterator[tuple[Kind, int]]:
    """Lines without a link: those that wait for one are counted, the others are told. Then what waits for nothing."""
    both = audit.outerjoin(chain, chain.c.audit_id == audit.c.id).outerjoin(
        audit_waiting, audit_waiting.c.audit_id == audit.c.id
    )
    alone = select(*LINE, audit_waiting.c.audit_id.label("waits")).select_from(both).where(chain.c.audit_id.is_(None))
    for row in tx.execute(alone.order_by(audit.c.id)):
        if not is_ours(tx, *of_row(row)):
            yield "inserted", row.id
        elif row.waits is None:
            yield "unlinked", row.id
        else:
            found.waiting += 1
    gone = select(audit_waiting.c.audit_id).outerjoin(audit, audit.c.id == audit_waiting.c.audit_id)
    for row in tx.execute(gone.where(audit.c.id.is_(None)).order_by(audit_waiting.c.audit_id)):
        yield "missing", row.audit_id


def _check_anchor(tx: Tx, found: Found, word: str, count: int) -> None:
    there = tx.execute(select(chain.c.hash).where(chain.c.position == count)).scalar_one_or_none()
    if there is None:
        found.add("cut", None, found.links)
    elif in_letters(bytes(there)) != word:
        found.add("anchor", None, count)


# --- a little at a time ---------------------------------------------------------------------------------------------

Bad = tuple[str, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Checked:
    """How far the check that goes round the chain has come, and what it has found.

    `at` is when it last did something, `whole_at` when a round last ended with nothing wrong. `bad` is the first thing
    found wrong (kind, line, position) in this round or the one before; `bad_now` in this round.
    """

    position: int = 0
    hash: str = ""
    at: datetime | None = None
    whole_at: datetime | None = None
    bad: Bad | None = None
    bad_now: Bad | None = None


def checked(tx: Tx) -> Checked:
    """Give how far the check has come; from the beginning when nothing, or nothing of ours, is written down."""
    kept, _, mark = (control.find(tx, CHECKED) or "").rpartition(" ")
    if not kept or not hmac.compare_digest(mark, _mark(tx, kept)):
        return Checked()
    position, digest, at, whole_at, bad, bad_now = json.loads(kept)
    return Checked(position, digest, _moment(at), _moment(whole_at), _bad(bad), _bad(bad_now))


def check_some(tx: Tx, now: datetime, limit: int = 20_000) -> Checked:
    """Check the next `limit` links from where the last call came to; give how it stands then, to be kept by `keep`.

    At the end of the chain it looks for lines without a link too, and the next call begins a new round.
    """
    before, found = checked(tx), Found()
    walk = Walk(tx, found, before.position, bytes.fromhex(before.hash) if before.hash else first_hash(tx))
    at_end = walk.over(limit) < limit
    if at_end:
        _check_end(tx, found, walk)
        for kind, line_id in _not_linked(tx, found):
            found.add(kind, line_id)
    first = next(iter(found.faults), None)
    bad_now = before.bad_now or (None if first is None else (first.kind, first.line, first.position))
    if not at_end:
        return Checked(walk.position, walk.hash.hex(), now, before.whole_at, bad_now or before.bad, bad_now)
    return Checked(at=now, whole_at=before.whole_at if bad_now else now, bad=bad_now)


def keep(tx: Tx, state: Checked) -> None:
    """Write down how far the check has come."""
    times = [None if at is None else at.isoformat(timespec="seconds") for at in (state.at, state.whole_at)]
    kept = json.dumps([state.position, state.hash, *times, state.bad, state.bad_now], separators=(",", ":"))
    control.put(tx, CHECKED, f"{kept} {_mark(tx, kept)}")


def _mark(tx: Tx, kept: str) -> str:
    return tx.vault.audit_mark(b"checked|" + kept.encode()).hex()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _bad(told: Any) -> Bad | None:
    return None if told is None else (told[0], told[1], told[2])
