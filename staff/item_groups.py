"""Which group activities an entry of the inbox is about, so that its page can lead there.

An item keeps words alone. Those of a group name it by its title, as `bot.actions.activity_facts.what_of` writes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from staff.people import Actor
from storage import activities, invitations
from storage.activities import Activity
from storage.db import Tx

KINDS: Final = ("meeting", "expired")
SPAN: Final = (timedelta(days=30), timedelta(days=60))
"""How far back and ahead an activity is looked for. Our choice."""
MOST: Final = 3


def groups_in(
    tx: Tx, actor: Actor, unit_id: int | None, person: int | None, notes: Iterable[str], now: datetime
) -> list[Activity]:
    """Give the activities that notes name, soonest first: of those a person is invited to, else of the unit's."""
    told = [note for note in notes if "(" in note]
    if not told or (unit_id is None and person is None):
        return []
    if person is not None:
        mine = {one.activity_id for one in invitations.of_person(tx, person)}
        there = sorted(activities.list_many(tx, mine).values(), key=lambda each: each.starts)
    else:
        there = activities.list_between(tx, [unit_id or 0], now - SPAN[0], now + SPAN[1])
    named = (each for each in there if any(f"({each.title})" in note for note in told) and actor.sees(each.unit_id))
    near = [each for each in named if now - SPAN[0] <= each.starts <= now + SPAN[1]]
    return near[:MOST]
