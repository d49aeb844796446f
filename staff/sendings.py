"""Messages to many as staff see them: whom they chose, what each will read, out and back, and how far it has come.

Whom a message goes to and what it says is decided in bot.actions.sending_many. Here it gets names that the one who
looks may see, and lines in the audit log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.actions import sending_many
from bot.actions.house import House
from bot.actions.sending_many import BadLine, CannotSend, Choice, Ended, LeftOut, Plan, Preview, Released
from rules.calendar import swedish_moment, to_local
from staff.activity_deeds import find
from staff.faces import NONE, Face, faces
from staff.labels import CHANNEL, label
from staff.people import Actor, DeskFault
from storage import audit, calendar, named_readers, sendings
from storage.activities import Activity
from storage.db import Store, Tx
from storage.sendings import Sending
from storage.units import Unit

NAMED: Final = 100
"""People of each kind who are named on a page; of the others their number is told."""
WRITTEN: Final = 25
"""Messages that are shown in full."""

STATE: Final = {
    "waiting_second": "Väntar på en kollega", "queued": "Går ut strax", "going": "Går ut nu", "stopped": "Stoppat",
    "taken_back": "Ångrat", "done": "Klart",
}  # fmt: skip
KIND: Final = {"invitation": "Inbjudan", "broadcast": "Meddelande"}
_SENT: Final = ("accepted", "sent")
_FAILED: Final = ("failed", "undelivered", "expired", "cancelled")
_IN_DOUBT: Final = ("uncertain", "parked")


class NoSending(DeskFault):
    """There is no such release, or it is another unit's."""

    def __init__(self, sending_id: int) -> None:
        super().__init__(f"det finns inget utskick {sending_id} här", "SENDING", "titta i listan Utskick")


# --- before -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form. `own` are the lines of a list of staff's own; `without` those who were taken away."""

    text: str = ""
    own: str = ""
    help: tuple[str, ...] = ()
    meet: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    coming: bool = False
    without: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """One who gets it: where, and what they will read (None: written out for the first ones alone)."""

    face: Face
    channel: str
    first: bool
    shown: Preview | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would go out if somebody pressed now. `left_out`: why, and the names of those whom it holds for."""

    readers: tuple[Reader, ...]
    count: int
    later: int
    left_out: tuple[tuple[str, int, tuple[Face, ...]], ...]
    bad: tuple[BadLine, ...]
    listed: int
    segments: int
    crowns: str
    needs_two: bool
    wait: str

    @property
    def left_out_count(self) -> int:
        """How many were chosen and get nothing."""
        return sum(count for _, count, _ in self.left_out)


def preview(
    store: Store, house: House, now: datetime, actor: Actor, unit: Unit, typed: Typed, activity_id: int | None
) -> Ahead:
    """Give who gets it, who does not and why, what each will read, and what it costs at most. Raises CannotSend."""
    with store.begin() as tx:
        choice, bad = _choice(tx, house, actor, unit, typed, activity_id)
        readable = named_readers.people_of(tx, actor.staff_id)
        plan = sending_many.audience(tx, house, unit, choice, now, readable)
        ref = f"activity:{activity_id}" if activity_id else f"unit:{unit.id}"
        audit.write(tx, now, actor.ref, "sending.preview", ref, f"ok {len(plan.people.now)}")
        shown = {each.participant_id for each in plan.people.now[:NAMED]}
        shown |= {each.participant_id for some in _by_reason(plan.people.left_out).values() for each in some[:NAMED]}
        known = faces(tx, actor, shown)
        return _ahead(plan, known, bad, len(choice.people or ()))


def _choice(
    tx: Tx, house: House, actor: Actor, unit: Unit, typed: Typed, activity_id: int | None
) -> tuple[Choice, tuple[BadLine, ...]]:
    if activity_id is not None:
        find(tx, actor, activity_id)
    people: tuple[int, ...] | None = None
    bad: tuple[BadLine, ...] = ()
    if typed.own:
        own = sending_many.read_list(tx, house, unit, typed.own)
        people, bad = own.people, own.bad
        if not people:
            raise CannotSend("own", "Ingen rad i listan gick att läsa som någon av enhetens personer.")
    choice = Choice(
        activity_id=None if typed.coming else activity_id, text=typed.text if typed.coming or not activity_id else None,
        help=typed.help, meet=typed.meet, languages=typed.languages, people=people,
        coming_to=activity_id if typed.coming else None, without=typed.without,
    )  # fmt: skip
    return choice, bad


def _by_reason(left_out: Sequence[LeftOut]) -> dict[str, list[LeftOut]]:
    found: dict[str, list[LeftOut]] = defaultdict(list)
    for each in left_out:
        found[each.why_sv].append(each)
    return found


def _ahead(plan: Plan, known: dict[int, Face], bad: tuple[BadLine, ...], listed: int) -> Ahead:
    words = {each.participant_id: each for each in plan.previews[:WRITTEN]}
    readers = tuple(
        Reader(known.get(each.participant_id, NONE), label(CHANNEL, each.channel), each.first,
               words.get(each.participant_id))
        for each in plan.people.now[:NAMED]
    )  # fmt: skip
    left = [
        (why, len(some), tuple(known.get(each.participant_id, NONE) for each in some[:NAMED]))
        for why, some in _by_reason(plan.people.left_out).items()
    ]
    if plan.people.hidden:
        left.append(("Har skyddade personuppgifter. Bara namngivna läsare ser vilka.", plan.people.hidden, ()))
    ore = plan.ore_at_most
    crowns = "" if ore is None else f"{ore // 100},{ore % 100:02}"
    return Ahead(
        readers, len(plan.people.now), len(plan.people.later), tuple(left), bad, listed, plan.segments, crowns,
        plan.needs_two, plan.wait,
    )  # fmt: skip


# --- out and back -----------------------------------------------------------------------------------------------------


def release(
    store: Store, house: House, now: datetime, actor: Actor, unit: Unit, typed: Typed, activity_id: int | None,
    nonce: str,
) -> Released:  # fmt: skip
    """Let it out, with two minutes to take it back. Raises CannotSend; the same form twice is one release."""
    with store.begin() as tx:
        choice, _ = _choice(tx, house, actor, unit, typed, activity_id)
        once = f"{actor.ref}:{nonce}"[:64]
        return sending_many.release(tx, house, unit, choice, now, by=actor.staff_id, nonce=once)


def _mine(tx: Tx, actor: Actor, sending_id: int) -> Sending:
    each = sendings.find(tx, sending_id)
    if each is None or not actor.sees(each.unit_id):
        raise NoSending(sending_id)
    return each


def undo(store: Store, now: datetime, actor: Actor, sending_id: int) -> Ended:
    """Take it back whole. Raises CannotSend when its two minutes are over."""
    with store.begin() as tx:
        _mine(tx, actor, sending_id)
        return sending_many.undo(tx, sending_id, now, by=actor.staff_id or 0)


def stop(store: Store, now: datetime, actor: Actor, sending_id: int) -> Ended:
    """Let nothing more of it go out."""
    with store.begin() as tx:
        _mine(tx, actor, sending_id)
        return sending_many.stop(tx, sending_id, now, by=actor.staff_id or 0)


def approve(store: Store, house: House, now: datetime, actor: Actor, sending_id: int) -> Released:
    """Say yes as the second of two. Raises CannotSend for the one who made it."""
    with store.begin() as tx:
        _mine(tx, actor, sending_id)
        return sending_many.approve(tx, house, sending_id, now, by=actor.staff_id or 0)


# --- how far it has come ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """A release and how far it has come. `left`: until when it can be undone; `used`: seconds of the two minutes."""

    sending: Sending
    unit: Unit | None
    activity: Activity | None
    state: str
    kind: str
    made_by: str
    approved_by: str
    waiting: int
    sent: int
    delivered: int
    failed: int
    doubt: int
    left: timedelta | None
    release_at: str
    mine: bool

    @property
    def used(self) -> int:
        """Seconds of the undoing that have gone, in steps of five: what the line on the page begins with."""
        gone = sending_many.UNDO - (self.left or timedelta(0))
        return min(max(int(gone.total_seconds()) // 5 * 5, 0), 120)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.sending.state in ("done", "stopped", "taken_back")


def look(store: Store, house: House, now: datetime, actor: Actor, sending_id: int, known: Sequence[Unit]) -> Progress:
    """Give how far a release has come; the look is in the audit log. NoSending when it is not theirs."""
    with store.begin() as tx:
        each = _mine(tx, actor, sending_id)
        audit.write(tx, now, actor.ref, "sending.show", f"sending:{each.id}")
        return _progress(tx, house, now, actor, each, known)


def peek(store: Store, house: House, now: datetime, actor: Actor, sending_id: int, known: Sequence[Unit]) -> Progress:
    """The same for a page that asks by itself and shows nobody: nothing is written."""
    with store.read() as tx:
        return _progress(tx, house, now, actor, _mine(tx, actor, sending_id), known)


def _progress(tx: Tx, house: House, now: datetime, actor: Actor, each: Sending, known: Sequence[Unit]) -> Progress:
    states = sendings.states(tx, each.id)
    names = calendar.first_names(tx, {who for who in (each.made_by, each.approved_by) if who})
    left = None
    if each.state == "queued" and each.release_at is not None and each.release_at > now:
        left = each.release_at - now
    at, zone = each.release_at, house.hours.zone
    clock = "" if at is None else f"{to_local(at, zone):%H.%M.%S}" if left else swedish_moment(at, to_local(now).date())
    known_states = {*_SENT, "delivered", *_FAILED, *_IN_DOUBT}
    return Progress(
        each, next((unit for unit in known if unit.id == each.unit_id), None),
        find(tx, actor, each.activity_id) if each.activity_id else None, STATE[each.state], KIND[each.kind],
        names.get(each.made_by or 0, "Programmet, nästa omgång"), names.get(each.approved_by or 0, ""),
        waiting=sum(count for state, count in states.items() if state not in known_states)
        + (max(0, each.count - sum(states.values())) if each.state in sendings.UNDER_WAY else 0),
        sent=_sum(states, _SENT), delivered=states.get("delivered", 0), failed=_sum(states, _FAILED),
        doubt=_sum(states, _IN_DOUBT), left=left, release_at=clock,
        mine=each.made_by is not None and each.made_by == actor.staff_id,
    )  # fmt: skip


def _sum(states: dict[str, int], wanted: Sequence[str]) -> int:
    return sum(states.get(state, 0) for state in wanted)


def latest(store: Store, now: datetime, actor: Actor, unit: Unit | None) -> list[tuple[Sending, str, str, str]]:
    """Give the latest releases: with what it is, how it stands, and who made it. The look is in the audit log."""
    with store.begin() as tx:
        wanted = [unit.id] if unit else None if actor.unit_ids is None else sorted(actor.unit_ids)
        found = sendings.list_latest(tx, wanted)
        audit.write(tx, now, actor.ref, "sending.list", f"unit:{unit.id}" if unit else "units", f"ok {len(found)}")
        names = calendar.first_names(tx, {each.made_by for each in found if each.made_by})
    return [(each, KIND[each.kind], STATE[each.state], names.get(each.made_by or 0, "Programmet")) for each in found]
