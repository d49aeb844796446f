"""What is done with an entry of the inbox: taken, handed over, put off, closed. One transaction each, in the audit log.

The same form sent twice (`once`) is done once. What is refused raises `DeskFault` and has changed nothing; who came
second is told who was first, and when.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Final

from bot.actions import promising
from rules.calendar import swedish_moment, to_local, to_utc
from rules.promise import promise_by
from rules.roster import Roster, next_staffed
from staff import labels
from staff.desk import WITH_DUTY, close_checked
from staff.inbox_board import clocks_behind, clocks_with, colleagues_of, item_for
from staff.people import Actor, DeskFault
from storage import audit, inbox, inbox_board, once, roster, staff, units
from storage.db import Store, Tx
from storage.errors import NotFound
from storage.inbox import Item
from storage.inbox_board import Clock

NAPS: Final = {
    "en_timme": "En timme",
    "nasta_dag": "Till nästa dag vi är här",
    "tre_dagar": "Tre dagar",
    "en_vecka": "En vecka",
}
LONGEST_NAP: Final = timedelta(days=60)
"""How long something may be put off. Our choice: after that nobody remembers why."""


class WasFirst(DeskFault):
    """Somebody else was first: who, and when, in `what`."""


def take(store: Store, now: datetime, actor: Actor, item_id: int, nonce: str = "") -> None:
    """Take all that waits of a person; the others see it, and alarms stop. Taking again what one has is nothing new."""

    def act(tx: Tx, item: Item) -> None:
        refuse_second(tx, item, actor, now)
        open_ones = [each.id for each in clocks_with(tx, item, actor)]
        for each in open_ones:
            inbox.take(tx, each, actor.staff_id, now)
        inbox_board.snooze(tx, open_ones, None)

    _do(store, now, actor, "inbox.take", item_id, nonce, act)


def let_go(store: Store, now: datetime, actor: Actor, item_id: int, nonce: str = "") -> None:
    """Let somebody else take what one has of a person; what others have stays theirs."""

    def act(tx: Tx, item: Item) -> None:
        mine = [each.id for each in clocks_with(tx, item, actor) if each.taken_by == actor.staff_id]
        if not mine:
            raise DeskFault("du har inte det här ärendet", "ITEM", "se inkorgen")
        inbox_board.let_go(tx, mine)

    _do(store, now, actor, "inbox.let_go", item_id, nonce, act)


def hand(store: Store, now: datetime, actor: Actor, item_id: int, to_staff: int, nonce: str = "") -> str:
    """Let a colleague of the same unit have all that waits of a person; give the colleague's first name.

    Raises DeskFault for one who does not work there.
    """
    names: dict[int, str] = {}

    def act(tx: Tx, item: Item) -> None:
        names.update(colleagues_of(tx, actor, item.unit_id))
        if to_staff not in names:
            raise DeskFault("välj en kollega i enheten", "kollega", "välj en annan")
        for_them = {each.id for each in clocks_behind(tx, item, to_staff)}
        open_ones = [each for each in clocks_with(tx, item, actor) if each.id in for_them]
        if not open_ones:
            raise DeskFault("personen vill att någon annan läser det här", "kollega", "välj en annan")
        if all(each.taken_by == to_staff for each in open_ones):
            raise WasFirst(f"{names[to_staff]} har redan ärendet", "ITEM", "prata med varandra")
        for each in open_ones:
            inbox.take(tx, each.id, to_staff, now)  # so that its alarms stop
        inbox_board.hand(tx, [each.id for each in open_ones], to_staff, actor.staff_id, now)
        audit.write(tx, now, actor.ref, "inbox.hand", f"inbox:{item.id}", f"to staff:{to_staff}")

    _do(store, now, actor, "inbox.open", item_id, nonce, act)
    return names.get(to_staff, "")


def snooze(store: Store, now: datetime, actor: Actor, item_id: int, until: datetime, nonce: str = "") -> None:
    """Put all that waits of a person off until a moment (UTC); it comes back then, or when the person writes.

    Raises DeskFault for a moment that has passed or is too far off, and for an alarm past the unit's promise.
    """

    def act(tx: Tx, item: Item) -> None:
        if until <= now:
            raise DeskFault("den tiden har redan varit", "nar", "välj en senare tid")
        if until - now > LONGEST_NAP:
            raise DeskFault(f"ärenden kan vila högst {LONGEST_NAP.days} dagar", "nar", "välj en tidigare tid")
        open_ones = clocks_with(tx, item, actor)
        latest = latest_nap(tx, open_ones)
        if latest is not None and until > latest:
            when = swedish_moment(latest, to_local(now).date())
            told = (
                f"akut oro och våld får vila längst till {when}" if latest > now else "akut oro och våld får inte vila"
            )
            raise DeskFault(told, "nar", "välj en tidigare tid")
        inbox_board.snooze(tx, [each.id for each in open_ones], until)

    _do(store, now, actor, "inbox.snooze", item_id, nonce, act)


def wake(store: Store, now: datetime, actor: Actor, item_id: int, nonce: str = "") -> None:
    """Take back what was put off."""

    def act(tx: Tx, item: Item) -> None:
        inbox_board.snooze(tx, [each.id for each in clocks_with(tx, item, actor)], None)

    _do(store, now, actor, "inbox.wake", item_id, nonce, act)


def close(
    store: Store, now: datetime, actor: Actor, item_id: int, ids: Collection[int], why: str, report: str | None = None,
    nonce: str = "", *, also: Callable[[Tx, int], None] | None = None,
) -> None:  # fmt: skip
    """Close these items of a person's entry; `why` is a key of labels.CLOSED, `report` one of staff.desk.REPORT.

    `also` is done for each in the same transaction, by its id; what it raises leaves everything open.

    Raises DeskFault when the reporting duty is not weighed, or none of `ids` is open and theirs.
    """
    if why not in labels.CLOSED:
        raise DeskFault("välj hur det blev", "varfor", "välj ett av sätten")

    def act(tx: Tx, item: Item) -> None:
        wanted = [each for each in clocks_with(tx, item, actor) if each.id in ids]
        if not wanted:
            raise DeskFault("välj vad som är klart", "delar", "välj minst ett")
        for each in wanted:
            close_checked(tx, now, actor, inbox.get_item(tx, each.id), why, report)
            audit.write(tx, now, actor.ref, "inbox.close", f"inbox:{each.id}", why)
            if also is not None:
                also(tx, each.id)

    _do(store, now, actor, "inbox.open", item_id, nonce, act)


# --- in common --------------------------------------------------------------------------------------------------------


def _do(
    store: Store, now: datetime, actor: Actor, action: str, item_id: int, nonce: str, act: Callable[[Tx, Item], None]
) -> None:
    """Do something with an open item, once; NotTheirs when it is not theirs to see."""
    with store.begin() as tx:
        item = item_for(tx, now, actor, action, item_id, to_change=True)
        if not isinstance(item, DeskFault):
            if not once.first_time(tx, now, actor.ref, nonce):
                return
            if item.state == "closed":
                raise WasFirst(closed_by(tx, item, now), "ITEM", "se inkorgen")
            act(tx, item)
            return
    raise item


def refuse_second(tx: Tx, item: Item, actor: Actor, now: datetime) -> None:
    """Raise WasFirst when another has taken anything of the entry."""
    for each in clocks_with(tx, item, actor):
        if each.taken_by is not None and each.taken_by != actor.staff_id:
            raise WasFirst(taken_by(tx, each, now), "ITEM", "prata med varandra")


def taken_by(tx: Tx, each: Clock, now: datetime) -> str:
    """Tell who has it and since when: "Sara tog det 10.42"."""
    return f"{_name(tx, each.taken_by)} tog det {_when(each.taken_at, now)}".strip()


def closed_by(tx: Tx, item: Item, now: datetime) -> str:
    """Tell who closed it, how and when: "Sara stängde det 10.42 (svarat)"."""
    how = f" ({labels.label(labels.CLOSED, item.closed_why)})" if item.closed_why else ""
    when = _when(item.closed_at, now)
    if item.closed_by is None:
        return f"det är redan klart{how}"
    deed = "svarade" if item.closed_why == "answered" else "stängde det"
    return f"{_name(tx, item.closed_by)} {deed} {when}{'' if deed == 'svarade' else how}".strip()


def _name(tx: Tx, staff_id: int | None) -> str:
    member = None if staff_id is None else staff.find_by_id(tx, staff_id)
    return "någon annan" if member is None else member.first_name


def _when(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    wall, today = to_local(at), to_local(now).date()
    return f"{wall.hour}.{wall.minute:02}" if wall.date() == today else swedish_moment(at, today)


def latest_nap(tx: Tx, clocks: Sequence[Clock]) -> datetime | None:
    """Give until when (UTC) an alarm may be put off: what the unit promises of a message. None: nothing alarms.

    Where no roster promises anything it may not be put off at all.
    """
    alarms = [each for each in clocks if each.kind in WITH_DUTY]
    if not alarms:
        return None
    first = min(alarms, key=lambda each: each.opened_at)
    unit = None if first.unit_id is None else units.find_by_id(tx, first.unit_id)
    promised = None
    if unit is not None:
        promised = promise_by(roster.load(tx, unit.id), first.opened_at, promising.message_days(unit))
    return promised or first.opened_at


def nap_of(store: Store, item_id: int, word: str, now: datetime) -> datetime | None:
    """Give `nap_until` by the roster of an item's unit."""
    with store.read() as tx:
        try:
            unit_id = inbox.get_item(tx, item_id).unit_id
        except NotFound:
            unit_id = None
        return nap_until(tx, unit_id, word, now)


def nap_until(tx: Tx, unit_id: int | None, word: str, now: datetime) -> datetime | None:
    """Give the moment (UTC) that a word of NAPS means, when somebody is on duty; None for another word."""
    if word == "en_timme":
        return now + timedelta(hours=1)
    days = {"nasta_dag": 1, "tre_dagar": 3, "en_vecka": 7}.get(word)
    if days is None:
        return None
    week = roster.load(tx, unit_id) if unit_id is not None else Roster()
    morning = to_utc(to_local(now).date() + timedelta(days=days), time(0))
    usual = to_utc(to_local(now).date() + timedelta(days=days), time(8))
    return next_staffed(week, morning) or usual
