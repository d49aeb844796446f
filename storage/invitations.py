"""Invitations to group activities, each with its answer, its place in line, and whether somebody meets them outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Integer, and_, bindparam, case, func, select, update

from storage.activities import look_soon
from storage.bulk import Bulk
from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.mass import Mass
from storage.sql import among, ids_for
from storage.tables_activities import activities, invitations, places

COMES: Final = ("yes", "hard")
"""Answers that want a place: a yes, and a yes that feels hard."""

STATES: Final = ("asked", "yes", "maybe", "hard", "no", "not_now", "withdrawn")
"""asked: no answer yet; withdrawn: the activity was called off, or staff took the invitation back."""

_HERE: Final = invitations.c


class Invitation(NamedTuple):
    """An invitation as it stands. `place` is the number of the place that they have, None for none."""

    id: int
    activity_id: int
    participant_id: int
    sending_id: int | None
    wave: int
    state: str
    asked_at: datetime
    answered_at: datetime | None
    waiting_since: datetime | None
    offers: int
    hold_until: datetime | None
    turned_away: bool
    meet: str | None  # wanted | agreed
    meet_staff: int | None
    how_was_it: int | None
    place: int | None


_COLUMNS: Final = (
    _HERE.id, _HERE.activity_id, _HERE.participant_id, _HERE.sending_id, _HERE.wave, _HERE.state, _HERE.asked_at,
    _HERE.answered_at, _HERE.waiting_since, _HERE.offers, _HERE.hold_until, _HERE.turned_away, _HERE.meet,
    _HERE.meet_staff, _HERE.how_was_it, places.c.number,
)  # fmt: skip
_WITH_PLACE: Final = invitations.outerjoin(places, places.c.invitation_id == _HERE.id)
_ALL: Final = select(*_COLUMNS).select_from(_WITH_PLACE)

_ADD: Final = Mass(
    invitations, ("id", "participant_id"),
    ("activity_id", "sending_id", "wave", "state", "asked_at", "offers", "turned_away"),
)  # fmt: skip


def add_many(
    tx: Tx, now: datetime, activity_id: int, wave: int, sending_id: int | None, people: Iterable[int]
) -> dict[int, int]:
    """Invite people who are not invited yet; give the invitations' ids by person."""
    asked = set(tx.execute(select(_HERE.participant_id).where(_HERE.activity_id == activity_id)).scalars())
    new = {person: new_id(now) for person in dict.fromkeys(people) if person not in asked}
    alike = {
        "activity_id": activity_id, "sending_id": sending_id, "wave": wave, "state": "asked", "asked_at": now,
        "offers": 0, "turned_away": False,
    }  # fmt: skip
    _ADD.add(tx, [(row_id, person) for person, row_id in new.items()], alike)
    look_soon(tx, now, activity_id)  # when the next wave is due depends on this one
    return new


def change(tx: Tx, invitation_id: int, **values: Any) -> None:
    """Change what stands with an invitation: its state, its time in line, its hold, who meets them."""
    tx.execute(update(invitations).where(_HERE.id == invitation_id).values(values))


def withdraw(tx: Tx, now: datetime, activity_id: int, but: Collection[int] = ()) -> int:
    """Take back every invitation to an activity that is not answered with a no; give how many."""
    still = (_HERE.activity_id == activity_id, _HERE.state.not_in(("no", "withdrawn")), _HERE.id.not_in(sorted(but)))
    values = {"state": "withdrawn", "waiting_since": None, "hold_until": None}
    return tx.execute(update(invitations).where(*still).values(values)).rowcount


_ONE: Final = Hot(_ALL.where(_HERE.id == bindparam("invitation")))


def find(tx: Tx, invitation_id: int, *, to_change: bool = False) -> Invitation | None:
    """Give an invitation; `to_change` keeps it from other writers. None when there is none."""
    if to_change:
        tx.execute(select(_HERE.id).where(_HERE.id == invitation_id).with_for_update()).all()
    row = _ONE.first(tx, {"invitation": invitation_id})
    return None if row is None else Invitation(*row)


def find_for(tx: Tx, activity_id: int, participant_id: int) -> Invitation | None:
    """Give a person's invitation to an activity, or None."""
    row = tx.execute(_ALL.where(_HERE.activity_id == activity_id, _HERE.participant_id == participant_id)).first()
    return None if row is None else Invitation(*row)


def of_activity(tx: Tx, activity_id: int) -> list[Invitation]:
    """Give every invitation to an activity, in the order in which they went."""
    return [Invitation(*row) for row in tx.execute(_ALL.where(_HERE.activity_id == activity_id).order_by(_HERE.id))]


def for_people(tx: Tx, activity_id: int, participant_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Give the invitations of some people to an activity: id and state, by person. On the dispatcher's road."""
    asked = {"activity": activity_id, "ids": ids_for(tx, participant_ids)}
    return {row.participant_id: (row.id, row.state) for row in _FOR_PEOPLE[tx.dialect].all(tx, asked)}


_FOR_PEOPLE: Final = {
    dialect: Bulk(
        select(_HERE.participant_id, _HERE.id, _HERE.state).where(
            _HERE.activity_id == bindparam("activity"), among(_HERE.participant_id, dialect)
        )
    )
    for dialect in ("sqlite", "postgresql")
}


_OPEN: Final = Hot(
    _ALL.join(activities, activities.c.id == _HERE.activity_id)
    .where(
        _HERE.participant_id == bindparam("person"),
        _HERE.state != "withdrawn",
        activities.c.state == "planned",
        activities.c.ends > bindparam("now", type_=activities.c.ends.type),
    )
    .order_by(_HERE.asked_at.desc(), _HERE.id.desc())
)


def open_for(tx: Tx, participant_id: int, now: datetime) -> list[Invitation]:
    """Give a person's invitations to what is still ahead or going on, whatever they answered, the newest first."""
    return [Invitation(*row) for row in _OPEN.all(tx, {"person": participant_id, "now": now})]


def of_day(tx: Tx, participant_id: int, since: datetime, until: datetime) -> list[Invitation]:
    """Give a person's invitations to what begins in a span (UTC) and is not called off, whatever they answered."""
    here = activities.c
    mine = (_HERE.participant_id == participant_id, _HERE.state != "withdrawn", here.state != "cancelled")
    wanted = _ALL.join(activities, here.id == _HERE.activity_id).where(*mine, here.starts >= since, here.starts < until)
    return [Invitation(*row) for row in tx.execute(wanted.order_by(here.starts, _HERE.id))]


_ANY: Final = Hot(select(_HERE.id).where(_HERE.participant_id == bindparam("person")).limit(1))


def any_for(tx: Tx, participant_id: int) -> bool:
    """Whether a person was ever invited to anything: a turn asks this before all else about groups."""
    return _ANY.first(tx, {"person": participant_id}) is not None


def of_person(tx: Tx, participant_id: int, limit: int = 50) -> list[Invitation]:
    """Give a person's latest invitations, the newest first."""
    return [Invitation(*row) for row in _LATEST.all(tx, {"person": participant_id, "most": limit})]


_LATEST: Final = Hot(
    _ALL.where(_HERE.participant_id == bindparam("person"))
    .order_by(_HERE.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def last_invited(tx: Tx, participant_ids: Collection[int]) -> dict[int, datetime]:
    """Give when some people were last invited to anything; those who never were are left out."""
    wanted = select(_HERE.participant_id, func.max(_HERE.asked_at)).group_by(_HERE.participant_id)
    rows = tx.execute(wanted.where(_HERE.participant_id.in_(sorted(participant_ids))))
    return {row[0]: row[1] for row in rows}


def history(tx: Tx, participant_ids: Collection[int]) -> dict[int, tuple[datetime, datetime | None]]:
    """Give when people were last invited to anything, and when they last said yes and got no place, with none since.

    Those who never were invited are left out, and invitations that were withdrawn count for nothing.
    """
    mine = select(_HERE.participant_id, _HERE.asked_at, _HERE.state, _HERE.turned_away)
    mine = mine.where(among(_HERE.participant_id, tx.dialect), _HERE.state != "withdrawn").order_by(_HERE.id)
    found: dict[int, tuple[datetime, datetime | None]] = {}
    for row in tx.execute(mine, {"ids": ids_for(tx, participant_ids)}):
        last, away = found.get(row.participant_id, (row.asked_at, None))
        if row.state in COMES:
            away = row.asked_at if row.turned_away else None
        found[row.participant_id] = max(last, row.asked_at), away
    return found


def turned_away(tx: Tx, participant_ids: Collection[int]) -> set[int]:
    """Give those among some people who said yes the last time, and got no place: first next time."""
    last = select(func.max(_HERE.id).label("id")).where(
        _HERE.participant_id.in_(sorted(participant_ids)), _HERE.state.in_(COMES)
    )
    newest = last.group_by(_HERE.participant_id).subquery()
    wanted = select(_HERE.participant_id).join(newest, newest.c.id == _HERE.id).where(_HERE.turned_away.is_(True))
    return set(tx.execute(wanted).scalars())


class Tally(NamedTuple):
    """How the invitations of one activity stand. `places` are those that are taken or held."""

    asked: int = 0
    yes: int = 0  # those that feel hard are among them
    maybe: int = 0
    no: int = 0
    waiting: int = 0
    hard: int = 0
    unmet: int = 0  # want to be met outside, and nobody has said that they will
    places: int = 0

    @property
    def invited(self) -> int:
        """All who have been invited, and whose invitation stands."""
        return self.asked + self.yes + self.maybe + self.no


def tallies(tx: Tx, activity_ids: Collection[int]) -> dict[int, Tally]:
    """Count how the invitations of some activities stand; those without any are left out."""

    def of(*rule: Any) -> Any:
        return func.sum(case((and_(*rule), 1), else_=0))

    counted = select(
        _HERE.activity_id, of(_HERE.state == "asked"), of(_HERE.state.in_(COMES)), of(_HERE.state == "maybe"),
        of(_HERE.state.in_(("no", "not_now"))), of(_HERE.waiting_since.is_not(None)), of(_HERE.state == "hard"),
        of(_HERE.meet == "wanted", _HERE.state.in_(COMES)), func.count(places.c.number),
    )  # fmt: skip
    mine = counted.select_from(_WITH_PLACE).where(_HERE.activity_id.in_(sorted(activity_ids)))
    rows = tx.execute(mine.group_by(_HERE.activity_id))
    return {row[0]: Tally(*(int(each) for each in row[1:])) for row in rows}
