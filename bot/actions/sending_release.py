"""Letting a message out to many, and taking it back: queued with two minutes to undo it, seen by two above a number.

The messages are rows of the outbox that hold nothing but whom they are for and which release they belong to; their
words are written when they are claimed (sending_words.py). A release is kept from other writers while it is changed, so
that two who press at the same moment make one, and who stops it meets the dispatcher at the rows and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.actions.house import House
from bot.actions.meetings import hours_of
from bot.actions.sending_audience import Audience, people_for
from bot.actions.sending_job import CannotSend, Choice, check, check_activity, second_above
from bot.actions.sending_words import INVITATION
from rules.kinds import KINDS
from rules.sending import earliest
from rules.waves import Asked, Wave, next_wave
from storage import activities, audit, invitations, places, sendings, units
from storage.activities import Activity
from storage.db import Tx
from storage.outbox import ToMany
from storage.sendings import NewSending, Sending
from storage.units import Unit

UNDO: Final = timedelta(minutes=2)
"""How long a release waits before its first message goes, so that whoever pressed can take it back."""

AT_A_TIME: Final = 5_000
"""Messages queued in one transaction: on SQLite nobody's turn is taken meanwhile, and this is a tenth of a second."""

A_BROADCAST_LIVES: Final = timedelta(days=7)
"""How long staff's words to many may wait for a person's budget and the sending hours before they are too old."""

UNDONE_SV: Final = "Utskicket ångrades."
STOPPED_SV: Final = "Utskicket stoppades."


@dataclass(frozen=True, slots=True)
class Released:
    """A release. `made` False: it was there already, for somebody pressed at the same time or twice."""

    sending_id: int
    made: bool
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A release that was taken back or stopped: how many messages were kept in, and how many had gone."""

    state: str
    kept_in: int
    gone: int


# --- out --------------------------------------------------------------------------------------------------------------


def release(tx: Tx, house: House, unit: Unit, choice: Choice, now: datetime, *, by: int | None, nonce: str) -> Released:
    """Let it out: an invitation's next wave, or staff's words to everybody chosen. Raises CannotSend.

    `nonce` is the form's: the same form pressed twice makes one release. So do two of staff who press for the same
    activity, or send the same words to the same people, before the first has gone.
    """
    activity = check(tx, house, unit, choice, now)
    if activity is None:
        units.get_to_change(tx, unit.id)
    else:
        activity = activities.get(tx, activity.id, to_change=True)
    known = sendings.find_once(tx, nonce) or _same(tx, unit, choice)
    if known is not None:
        return Released(known.id, made=False, state=known.state, count=known.count)
    who = people_for(tx, house, unit, choice, now)
    count = len(who.later)
    if activity is not None and count:
        wave = wave_of(tx, activity, who, now)
        count = wave.ask
        if not count:
            raise CannotSend("audience", wave.why_sv)
    if not count:
        raise CannotSend("audience", "Ingen av dem som är valda kan få det nu. Se varför nedanför, eller välj andra.")
    return put_out(tx, house, unit, choice, who.first(count), now, by, nonce)


def _same(tx: Tx, unit: Unit, choice: Choice) -> Sending | None:
    """A release of the same that has not gone yet: two pressed at the same time."""
    if choice.activity_id is not None:
        waiting = sendings.list_of_activity(tx, choice.activity_id)
    else:
        waiting = sendings.list_waiting(tx, unit.id)
    for each in waiting:
        alike = each.kind == "invitation" or (each.text, each.choice) == (choice.text, choice.dump())
        if each.state in ("waiting_second", "queued") and alike:
            return each
    return None


def put_out(
    tx: Tx, house: House, unit: Unit, choice: Choice, who: Audience, now: datetime, by: int | None, nonce: str
) -> Released:
    """Keep a release to those who are to be written to now, and queue it unless a second of staff is to see it."""
    before = [] if choice.activity_id is None else sendings.list_of_activity(tx, choice.activity_id)
    seen_by_two = by is None and any(each.approved_by is not None for each in before)
    waits = len(who.now) > second_above(unit) and not seen_by_two
    span(tx, house, unit.id, choice.activity_id, now + UNDO)  # before anything is kept: the caller may go on
    new = NewSending(
        unit_id=unit.id, kind="broadcast" if choice.activity_id is None else "invitation", count=len(who.now),
        made_by=by, release_at=None if waits else now + UNDO, activity_id=choice.activity_id,
        wave=1 + sum(each.state != "taken_back" for each in before), text=choice.text, once=nonce,
        choice=choice.dump(),
    )  # fmt: skip
    row_id = sendings.add(tx, now, new, {each.participant_id: each.contact_id for each in who.now})
    audit.write(tx, now, _actor(by), "sending.release", f"sending:{row_id}")
    if not waits:
        _queue(tx, house, sendings.get(tx, row_id), now)
    return Released(row_id, made=True, state="waiting_second" if waits else "queued", count=len(who.now))


def _queue(tx: Tx, house: House, each: Sending, now: datetime) -> None:
    """Invite, and queue the first messages; the sweep queues the rest of very many."""
    alike = _alike(tx, house, each, now)
    if each.activity_id is not None:
        people = sendings.people_of(tx, each.id)
        invitations.add_many(tx, now, each.activity_id, each.wave, each.id, people)
    sendings.queue_some(tx, now, each, alike, AT_A_TIME)


def queue_more(tx: Tx, house: House, sending_id: int, now: datetime) -> int:
    """Queue the next messages of a release that is out; give how many, 0 when all are queued or it was stopped."""
    each = sendings.find(tx, sending_id, to_change=True)
    if each is None or each.state not in ("queued", "going"):
        return 0
    return sendings.queue_some(tx, now, each, _alike(tx, house, each, now), AT_A_TIME)


def _alike(tx: Tx, house: House, each: Sending, now: datetime) -> ToMany:
    """What the messages of a release have alike."""
    invites = each.activity_id is not None
    goes, until = span(tx, house, each.unit_id, each.activity_id, each.release_at or now)
    return ToMany(
        message=INVITATION if invites else None,
        why=house.catalog.why("invitation" if invites else "broadcast"),
        author="bot" if invites else "staff",
        not_before=goes,
        not_after=until,
    )


def span(tx: Tx, house: House, unit_id: int, activity_id: int | None, out: datetime) -> tuple[datetime, datetime]:
    """From when messages that are let out at `out` go, by the sending hours, and until when. CannotSend: never."""
    until = out + A_BROADCAST_LIVES
    if activity_id is not None:
        activity = activities.get(tx, activity_id)
        until = min(activity.last_answer, activity.starts)
    goes = earliest(KINDS["invitation"], out, hours_of(house, units.get_unit(tx, unit_id)), until)
    if goes is None:
        raise CannotSend("activity", "Det hinner inte gå ut före sista svarsdagen: vi skriver bara på dagtid.")
    return goes, until


# --- a second pair of eyes --------------------------------------------------------------------------------------------


def approve(tx: Tx, house: House, sending_id: int, now: datetime, *, by: int) -> Released:
    """Say yes, as the second of two, to a release to very many. Raises CannotSend."""
    each = sendings.get(tx, sending_id, to_change=True)
    if each.state != "waiting_second":
        return Released(each.id, made=False, state=each.state, count=each.count)
    if each.made_by == (by or None):
        raise CannotSend("second", "Be en kollega titta. Den som gjorde utskicket kan inte godkänna det själv.")
    if each.activity_id is not None:
        check_activity(tx, activities.get(tx, each.activity_id, to_change=True), now)
    span(tx, house, each.unit_id, each.activity_id, now + UNDO)
    sendings.set_state(tx, each.id, "queued", ("waiting_second",), approved_by=by or None, release_at=now + UNDO)
    audit.write(tx, now, _actor(by), "sending.approve", f"sending:{each.id}")
    _queue(tx, house, sendings.get(tx, each.id), now)
    return Released(each.id, made=True, state="queued", count=each.count)


# --- back -------------------------------------------------------------------------------------------------------------


def undo(tx: Tx, sending_id: int, now: datetime, *, by: int) -> Ended:
    """Take a release back whole, within its two minutes; raises CannotSend when they are over. Nothing is left of it.

    Should another machine's clock be ahead, and some have gone, it is `stopped` instead, and says how many.
    """
    each = sendings.get(tx, sending_id, to_change=True)
    over = each.state == "going" or (each.release_at is not None and now >= each.release_at)
    if over and each.state in sendings.UNDER_WAY:
        raise CannotSend("sending", "De två minuterna har gått. Stoppa utskicket i stället: då går inget mer ut.")
    return _end(tx, each, now, by, "taken_back", UNDONE_SV)


def stop(tx: Tx, sending_id: int, now: datetime, *, by: int) -> Ended:
    """Let nothing more of a release go out. What has gone, or is on its way, stays."""
    return _end(tx, sendings.get(tx, sending_id, to_change=True), now, by, "stopped", STOPPED_SV)


def _end(tx: Tx, each: Sending, now: datetime, by: int, state: str, why: str) -> Ended:
    if each.state not in sendings.UNDER_WAY:
        return Ended(each.state, 0, _gone(tx, each.id))
    kept_in = sendings.cancel_queued(tx, now, each.id, why)
    sendings.forget_unsent(tx, each.id)
    gone = _gone(tx, each.id)
    state = "stopped" if gone else state
    sendings.set_state(tx, each.id, state, sendings.UNDER_WAY, ended_at=now)
    audit.write(tx, now, _actor(by), "sending.undo" if state == "taken_back" else "sending.stop", f"sending:{each.id}")
    return Ended(state, max(kept_in, each.count - gone), gone)


def _gone(tx: Tx, sending_id: int) -> int:
    found = sendings.states(tx, sending_id)
    return sum(count for state, count in found.items() if state not in sendings.NEVER_SENT)


def _actor(by: int | None) -> str:
    """Who, for the audit log. 0: somebody at the machine itself, who has no number among staff."""
    return "bot" if by is None else f"staff:{by}" if by else "operator"


# --- how far it has come ----------------------------------------------------------------------------------------------


def follow(tx: Tx, sending_id: int, now: datetime) -> str | None:
    """Note how far a release has come, all of which is queued; give its state, None when there is no such release."""
    each = sendings.find(tx, sending_id)
    if each is None or each.state not in ("queued", "going"):
        return None if each is None else each.state
    if not sendings.has_live(tx, sending_id):
        sendings.forget_unsent(tx, sending_id)
        sendings.set_state(tx, sending_id, "done", ("queued", "going"), ended_at=now)
        return "done"
    if each.state == "queued" and each.release_at is not None and now >= each.release_at:
        sendings.set_state(tx, sending_id, "going", ("queued",))
        return "going"
    return each.state


# --- waves ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Next:
    """What came of looking whether more are to be invited: the release made, or None; when to look again; and why."""

    sending_id: int | None
    look_at: datetime | None
    why_sv: str


def next_one(tx: Tx, house: House, activity: Activity, now: datetime) -> Next:
    """Invite the next ones to an activity, if it is time: out of those whom staff chose for it, read anew."""
    activity = activities.get(tx, activity.id, to_change=True)
    before = [each for each in sendings.list_of_activity(tx, activity.id) if each.kind == "invitation"]
    last = before[-1] if before else None
    if last is None or last.choice is None or activity.state != "planned":
        return Next(None, None, "Ingen är inbjuden än.")
    if last.state in ("stopped", "taken_back"):
        return Next(None, None, "Det senaste utskicket stoppades. Bjud in fler när du vill.")
    if last.state in ("waiting_second", "queued"):
        return Next(None, last.release_at, "Ett utskick är på väg.")
    unit, choice = units.get_unit(tx, activity.unit_id), Choice.load(last.choice)
    who = people_for(tx, house, unit, choice, now)
    wave = wave_of(tx, activity, who, now)
    if not wave.ask:
        return Next(None, wave.look_at, wave.why_sv)
    once = f"wave:{activity.id}:{len(before) + 1}"
    try:
        made = put_out(tx, house, unit, choice, who.first(wave.ask), now, None, once)
    except CannotSend as why:
        return Next(None, None, why.why_sv)
    return Next(made.sending_id, wave.look_at, wave.why_sv)


def wave_of(tx: Tx, activity: Activity, who: Audience, now: datetime) -> Wave:
    """How many of those in line are to be asked now."""
    asked = [each for each in invitations.of_activity(tx, activity.id) if each.state != "withdrawn"]
    sent = [each.release_at for each in sendings.list_of_activity(tx, activity.id) if each.state != "taken_back"]
    last = max((each for each in (*sent, *(one.asked_at for one in asked)) if each is not None), default=None)
    state = Asked(
        asked=len(asked),
        answered=sum(each.state != "asked" for each in asked),
        taken=places.count(tx, activity.id),
        waiting=sum(each.waiting_since is not None and each.place is None for each in asked),
        left=len(who.later),
        last_sent=last if asked else None,
    )
    return next_wave(state, activity.places, now, activity.last_answer)
