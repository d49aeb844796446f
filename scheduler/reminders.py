"""The sweep of meetings: those whose moment has come are looked at, and what their plan says is due is said.

It may run twice, late or by two at once without harm: the plan is asked anew, and each thing is done once a version
(storage.appointments.note_done). After three days down what has passed is listed for staff, and never sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.actions import inviting, rating_asking, rating_deeds, reminding
from bot.actions.house import House
from bot.actions.meetings import Known
from rules.kinds import kind
from rules.sending import may_send
from storage import appointments, busy, due_meetings, page_links, rating_links, ratings, units
from storage.appointments import Appointment
from storage.db import Store, Tx
from storage.errors import StoreUnavailable

log = structlog.get_logger(__name__)

AT_ONCE: Final = 200
"""Meetings in one transaction: others write in between."""

TRY_AGAIN: Final = timedelta(minutes=10)
"""A meeting whose plan could not be said is looked at again after this, so that it holds up nobody else's."""


def sweep(store: Store, house: House, now: datetime) -> int:
    """Say what is due about all meetings; give how many things were said or told to staff."""
    count = 0
    while True:
        with store.read() as tx:
            if not due_meetings.is_any(tx, now):
                return count
        with store.begin() as tx:
            due = due_meetings.take(tx, now, AT_ONCE)
            known = Known(tx, house, due)
            for each in due:
                count += _look(tx, house, each, now, known)
        if not due:  # another worker has them
            return count


def _look(tx: Tx, house: House, each: Appointment, now: datetime, known: Known) -> int:
    try:
        with tx.savepoint():
            count = reminding.remind(tx, house, each, now, known)
            if each.id in known.to_ask:
                count += rating_asking.ask_due(tx, house, each, now, known)
            return count
    except StoreUnavailable:
        raise
    except Exception as error:
        # One meeting that cannot be told of must not keep everybody else's from being told.
        log.exception("meeting.not_told", appointment=each.id, error=type(error).__name__)
        appointments.look_next(tx, each.id, now + TRY_AGAIN)
        return 0


def offer_times(store: Store, house: House, now: datetime) -> int:
    """Offer times that have opened to those who wait for one, within the sending hours; give how many were asked."""
    if not may_send(kind("meeting"), now, house.hours).ok:
        return 0
    with store.read() as tx:  # to look for times takes long: nobody waits for that
        ready = [unit.id for unit in inviting.units_with_waiting(tx) if inviting.is_any_ready(tx, house, unit, now)]
    count = 0
    for unit_id in ready:
        with store.begin() as tx:
            count += inviting.offer_to_waiting(tx, house, units.get_unit(tx, unit_id), now)
    return count


def tidy(store: Store, now: datetime) -> int:
    """Take away holds and links that have run out; give how many. Nothing is written where there are none."""
    with store.read() as tx:
        if not (busy.any_run_out(tx, now) or page_links.any_old(tx, now) or rating_links.any_old(tx, now)):
            return 0
    with store.begin() as tx:
        return busy.drop_run_out(tx, now) + page_links.drop_old(tx, now) + rating_links.drop_old(tx, now)


def end_ratings(store: Store, house: House, now: datetime) -> int:
    """End the ratings that nobody sent in time; give how many. What was answered counts."""
    with store.read() as tx:
        if not ratings.any_run_out(tx, now):
            return 0
    with store.begin() as tx:
        return rating_deeds.run_out(tx, house, now)
