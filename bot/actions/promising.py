"""By when an answer may be promised: what the unit has said, the roster, and how many wait for an answer already."""

from __future__ import annotations

from datetime import datetime

from rules.promise import ANSWERS_A_DAY, Load, promise_under
from rules.roster import Roster
from storage import inbox_board
from storage.db import Tx
from storage.units import Unit


def message_days(unit: Unit | None) -> int:
    """Within how many staffed days a unit answers a message."""
    return int(unit.settings.get("message_days", 1)) if unit else 1


def referral_days(unit: Unit | None) -> int:
    """Within how many staffed days a unit answers a sign-up."""
    return int(unit.settings.get("promise_days", 2)) if unit else 2


def load_of(tx: Tx, unit: Unit | None, but: int = 0) -> Load:
    """Give how many wait for a unit's answer, `but` (a participant's id) not counted; for no unit, for anybody's."""
    manages = int(unit.settings.get("answers_per_day", ANSWERS_A_DAY)) if unit else ANSWERS_A_DAY
    return Load(inbox_board.count_waiting(tx, unit.id if unit else None, but), max(manages, 1))


def answer_by(tx: Tx, unit: Unit | None, roster: Roster, now: datetime, days: int, person: int) -> datetime | None:
    """Give by when a person's message or sign-up that came now is answered (UTC); None when no date can be promised."""
    return promise_under(roster, now, days, load_of(tx, unit, person))
