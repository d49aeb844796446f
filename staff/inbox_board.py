"""The inbox as staff see it: one entry a person, however much waits, the most urgent first.

What was promised for today goes before all but alarms. A person's items are one entry: the most urgent leads, the
others are listed in it, and the clock is that of the one who has waited longest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final, Literal

from rules.calendar import to_local, to_utc
from rules.promise import on_duty_on
from staff import labels
from staff.desk import WITH_DUTY, has_duty
from staff.labels import HIDDEN, NOBODY
from staff.people import Actor, DeskFault, NotTheirs, guard
from storage import audit, inbox, inbox_board, named_readers, participants, referrals, roster, staff, timeline, units
from storage.crypto import PersonKey
from storage.db import Store, Tx
from storage.errors import NotFound
from storage.inbox import Item
from storage.inbox_board import Clock
from storage.participants import Listed
from storage.timeline import Line
from storage.units import Unit

View = Literal["alla", "mina", "vilar"]
VIEWS: Final[Mapping[str, str]] = {"alla": "Alla", "mina": "Mina", "vilar": "Vilar"}

PAGE: Final = 20
"""Entries on a page: more than anyone answers between two walks, and quick to draw. Our choice."""

CUT_AT: Final = 700
"""Signs of what somebody wrote that stand in the list; the rest is on the entry's own page."""

READ_IN_LIST: Final = 3
"""How many items of a person are opened for the list: the rest is on the entry's own page."""

BREAKING: Final = inbox.URGENCY["promise"]
_FAR: Final = datetime.max.replace(tzinfo=to_utc(datetime(2026, 1, 1).date(), time(0)).tzinfo)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Part:
    """One item of an entry. `note` is what was written, None for nothing or what cannot be read."""

    id: int
    kind: str
    title: str
    opened_at: datetime
    due_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """All that waits of one person, or one thing that is nobody's. `id` is the item's that leads.

    `hidden`: protected, and not theirs to open. `duty`: the reporting duty is to be weighed. `mark` changes when
    anything in the entry does.
    """

    id: int
    person: int | None
    name: str
    unit: str
    unit_id: int | None
    hidden: bool
    parts: tuple[Part, ...]
    since: datetime
    due_at: datetime | None
    overdue: bool
    alarming: bool
    breaking: bool
    duty: bool
    taken_by: str
    taken_at: datetime | None
    mine: bool
    handed_by: str
    snoozed_until: datetime | None
    mark: str

    @property
    def title(self) -> str:
        """What leads, in a word or two."""
        return self.parts[0].title

    @property
    def others(self) -> list[tuple[str, int]]:
        """What else waits of the same person: in words, and how many of it."""
        titles = [part.title for part in self.parts]
        return [(title, titles.count(title)) for title in dict.fromkeys(titles[1:]) if title != titles[0]]

    @property
    def note(self) -> str:
        """What was written, of the part that leads or else the first that says anything."""
        return next((part.note for part in self.parts if part.note), "")


@dataclass(frozen=True, slots=True)
class Board:
    """One page of the inbox. `waiting` are people, and `colleagues` those on duty today: the unit's load."""

    entries: tuple[Entry, ...]
    count: int
    waiting: int
    colleagues: int
    mine: int
    snoozed: int
    page: int
    pages: int
    units: tuple[Unit, ...]  # that the one who looks sees

    @property
    def mark(self) -> str:
        """A word that changes when anything on the page does."""
        numbers = f"{self.count}.{self.waiting}.{self.colleagues}.{self.mine}.{self.snoozed}.{self.page}.{self.pages}"
        told = "|".join((numbers, *(f"{each.id}.{each.mark}" for each in self.entries)))
        return sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Group:
    """What belongs to one entry, before anything is opened."""

    clocks: tuple[Clock, ...]
    rank: int
    asleep: datetime | None


# --- the board --------------------------------------------------------------------------------------------------------


def look(
    store: Store, now: datetime, actor: Actor, unit: Unit | None = None, view: str = "alla", page: int = 1,
    *, seen: str = "",
) -> Board:  # fmt: skip
    """Give a page of the inbox, of one unit or of all that the actor sees, and note in the audit log that it was.

    `seen` is the mark of the page that is before them: nothing is noted when this one is the same.
    """
    with store.read() as tx:  # no turn waits while a page is put together
        board, shown = _look(tx, now, actor, unit, view, page)
    if board.mark != seen:
        with store.begin() as tx:
            audit.write(tx, now, actor.ref, "inbox.list", f"unit:{unit.slug}" if unit else "units", f"ok {shown}")
    return board


def _look(tx: Tx, now: datetime, actor: Actor, unit: Unit | None, view: str, page: int) -> tuple[Board, int]:
    """The board, and how many entries the view has."""
    known = [each for each in units.list_units(tx) if actor.sees(each.id)]
    theirs = [unit] if unit else known
    ids = None if actor.unit_ids is None and unit is None else [each.id for each in theirs]
    tonight = to_utc(to_local(now).date() + timedelta(days=1), time(0))
    scope = inbox_board.Scope(ids, unit is None, actor.staff_id, now, tonight, BREAKING)
    page = max(page, 1)
    count, keys = inbox_board.page_of(tx, scope, view, PAGE, (page - 1) * PAGE)
    shown = {"mina": count.mine, "vilar": count.asleep}.get(view, count.awake)
    pages = max(-(-shown // PAGE), 1)
    if page > pages:  # the list is shorter than it was
        page = pages
        count, keys = inbox_board.page_of(tx, scope, view, PAGE, (page - 1) * PAGE)
    behind = inbox_board.clocks_behind(tx, keys, actor.staff_id)
    entries = _open(tx, [_group(behind[key], now) for key in keys if key in behind], actor, known, now)
    load = _colleagues(tx, theirs, now)
    return Board(entries, count.awake, count.people, load, count.mine, count.asleep, page, pages, tuple(known)), shown


def _group(theirs: Sequence[Clock], now: datetime) -> _Group:
    """All that is one person's, or one thing that is nobody's; the item that leads comes first."""
    tonight = to_utc(to_local(now).date() + timedelta(days=1), time(0))
    ranked = sorted(theirs, key=lambda each: _rank(each, tonight))
    naps = [each.snoozed_until for each in ranked]
    asleep = min((nap for nap in naps if nap is not None), default=None) if None not in naps else None
    return _Group(tuple(ranked), _rank(ranked[0], tonight)[0], asleep if asleep and asleep > now else None)


def _rank(each: Clock, tonight: datetime) -> tuple[int, datetime, int]:
    """A promise that falls due today, or is broken, goes with the promises; then what falls due first."""
    urgency = min(each.urgency, BREAKING) if each.due_at is not None and each.due_at <= tonight else each.urgency
    return urgency, each.due_at or _FAR, each.id


def _colleagues(tx: Tx, theirs: Sequence[Unit], now: datetime) -> int:
    today = to_local(now).date()
    weeks = roster.load_many(tx, [unit.id for unit in theirs])
    return len({who for week in weeks.values() for who in on_duty_on(week, today)})


# --- entries ----------------------------------------------------------------------------------------------------------


def _open(
    tx: Tx, groups: Sequence[_Group], actor: Actor, known: Sequence[Unit], now: datetime, most: int = READ_IN_LIST
) -> tuple[Entry, ...]:
    """Open what the entries of a page say, `most` items of each: as many questions for thirty as for one."""
    mine = named_readers.people_of(tx, actor.staff_id)
    ids = [group.clocks[0].participant_id for group in groups]
    keys: dict[int, PersonKey] = {}
    people = participants.list_many(tx, (one for one in ids if one is not None), show_protected=mine, keys=keys)
    hidden = {who for who, listed in people.items() if listed.person.protected and who not in mine}
    wanted = [each.id for group in groups for each in group.clocks[:most] if each.participant_id not in hidden]
    notes = inbox_board.notes_of(tx, wanted, keys)
    names = staff.all_names(tx)
    places = {unit.id: unit.municipality for unit in known}
    return tuple(
        _entry(group, people.get(group.clocks[0].participant_id or 0), group.clocks[0].participant_id in hidden,
               notes, names, places, actor, now)
        for group in groups
    )  # fmt: skip


def _entry(
    group: _Group, who: Listed | None, hidden: bool, notes: Mapping[int, str | None], names: Mapping[int, str],
    places: Mapping[int, str], actor: Actor, now: datetime,
) -> Entry:  # fmt: skip
    first = group.clocks[0]
    profile: Mapping[str, Any] = {} if who is None or who.profile is None else who.profile
    parts = tuple(
        Part(each.id, each.kind, labels.label(labels.ITEM, each.kind), each.opened_at, each.due_at, notes.get(each.id))
        for each in group.clocks
    )
    taken = next((each for each in group.clocks if each.taken_by is not None), None)
    # An alarm's own clock is when the next device is called, and no promise to anybody.
    due = min((each.due_at for each in group.clocks if each.due_at and each.kind not in WITH_DUTY), default=None)
    name = "" if first.participant_id is None else HIDDEN if hidden else str(profile.get("name") or NOBODY)
    return Entry(
        id=first.id,
        person=first.participant_id,
        name=name,
        unit=places.get(first.unit_id or 0, ""),
        unit_id=first.unit_id,
        hidden=hidden,
        parts=parts,
        since=min(each.opened_at for each in group.clocks),
        due_at=due,
        overdue=due is not None and due < now,
        alarming=first.kind in WITH_DUTY,
        breaking=group.rank == BREAKING,
        duty=any(has_duty(each, profile, now) for each in group.clocks if each.kind in WITH_DUTY),
        taken_by=names.get(taken.taken_by or 0, "") if taken else "",
        taken_at=taken.taken_at if taken else None,
        mine=taken is not None and actor.staff_id is not None and taken.taken_by == actor.staff_id,
        handed_by=names.get(taken.handed_by or 0, "") if taken else "",
        snoozed_until=group.asleep,
        mark=_mark(group, name),
    )


def _mark(group: _Group, name: str) -> str:
    """A word that changes with anything that the entry shows, but for how long ago it was."""
    told = [
        (each.id, each.state, each.taken_by, each.handed_by, each.due_at and each.due_at.timestamp(),
         each.last_at.timestamp(), each.snoozed_until and each.snoozed_until.timestamp())
        for each in group.clocks
    ]  # fmt: skip
    return sha256(f"{name}{told}".encode()).hexdigest()[:12]


# --- one entry --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OneEntry:
    """An entry on its own page: all it says, the last of the talk, and who it can be handed to (id, first name).

    `sign_up` is what a sign-up that waits says, as (label, answer); `rating_items` are those that came of a rating.
    `names` are the first names of those of us who wrote the lines, by id.
    """

    entry: Entry
    sign_up: tuple[tuple[str, str], ...]
    last: tuple[Line, ...]
    colleagues: tuple[tuple[int, str], ...]
    resting: bool
    rating_items: tuple[int, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)


def find(store: Store, now: datetime, actor: Actor, item_id: int) -> OneEntry | Item:
    """Give the entry that an item is part of; the item itself when it is closed. NotTheirs when it may not be seen."""
    with store.begin() as tx:
        item = item_for(tx, now, actor, "inbox.show", item_id)
    if isinstance(item, DeskFault):
        raise item
    if item.state == "closed":
        return item
    with store.read() as tx:
        clocks = clocks_with(tx, item, actor)
        if not clocks:  # closed in between
            return inbox.get_item(tx, item_id)
        (entry,) = _open(tx, [_group(clocks, now)], actor, units.list_units(tx), now, most=200)
        if entry.hidden:  # protected in between
            raise NotTheirs("ärendet finns inte", "ITEM", "se inkorgen")
        last = timeline.of_participant(tx, item.participant_id, 8) if item.participant_id else []
        person = participants.find(tx, item.participant_id) if item.participant_id else None
        resting = person is not None and person.resting_since is not None
        colleagues = tuple(colleagues_of(tx, actor, item.unit_id).items())
        rated = tuple(part.id for part in entry.parts if part.kind == "rating")
        names = staff.all_names(tx) if any(line.written_by for line in last) else {}
        return OneEntry(entry, _sign_up(tx, entry), tuple(last), colleagues, resting, rated, names)


def _sign_up(tx: Tx, entry: Entry) -> tuple[tuple[str, str], ...]:
    """What the person said when they signed up, where that is what waits."""
    if entry.person is None or not any(part.kind in {"referral", "promise"} for part in entry.parts):
        return ()
    found = referrals.open_for(tx, entry.person)
    return () if found is None else tuple(labels.sign_up_lines(found.details, found.poster))


def item_for(
    tx: Tx, now: datetime, actor: Actor, action: str, item_id: int, *, to_change: bool = False
) -> Item | DeskFault:
    """Give an item that the actor may act on, noted in the audit log; else NotTheirs, which is to be committed.

    With `to_change` others wait, who would do something with the same person's items.
    """
    if to_change:
        inbox.keep_from_others(tx, item_id)
    try:
        item = inbox.get_item(tx, item_id)
    except NotFound:
        return NotTheirs("ärendet finns inte", "ITEM", "se inkorgen")
    if not actor.sees(item.unit_id):
        audit.write(tx, now, actor.ref, action, f"inbox:{item_id}", "refused: other unit")
        return NotTheirs("ärendet hör till en annan enhet", "ITEM", "fråga den enheten")
    if not actor.may_read(item):
        audit.write(tx, now, actor.ref, action, f"inbox:{item_id}", "refused: kept from them")
        return NotTheirs("ärendet finns inte", "ITEM", "se inkorgen")
    if item.participant_id is not None:
        seen = guard(tx, now, actor, action, item.participant_id, named_reader=False)
        if isinstance(seen, DeskFault):
            return seen
    audit.write(tx, now, actor.ref, action, f"inbox:{item_id}")
    return item


def clocks_with(tx: Tx, item: Item, actor: Actor) -> list[Clock]:
    """Give all that stands open of the same person, and is not kept from the actor; of nobody, the item alone."""
    return clocks_behind(tx, item, actor.staff_id)


def clocks_behind(tx: Tx, item: Item, staff_id: int | None) -> list[Clock]:
    """Give the same as it is for a staff member."""
    key = item.participant_id or -item.id
    return inbox_board.clocks_behind(tx, [key], staff_id).get(key, [])


def colleagues_of(tx: Tx, actor: Actor, unit_id: int | None) -> dict[int, str]:
    """Give those who can be handed something of a unit (None: of any that the actor sees), but the actor."""
    wanted = [unit_id] if unit_id is not None else [unit.id for unit in units.list_units(tx) if actor.sees(unit.id)]
    names = {who: name for each in wanted for who, name in staff.names(tx, each).items()}
    names.pop(actor.staff_id or 0, None)
    return names
