"""What time brings: each sweep asks the store what is due at `now`, and may run twice or never without harm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from bot import conversation
from bot.actions.house import House
from bot.conversation import Report
from rules.retention import Rule, due
from scheduler import notices
from storage import alarms, claims, contacts, conversations, outbox, retention, staff
from storage.conversations import ToWake
from storage.db import Store
from storage.errors import StoreUnavailable
from storage.outbox import Body, NewMessage

log = structlog.get_logger(__name__)

TO_MANY = "invitation"


def expire_messages(store: Store, house: House, now: datetime) -> int:
    """Expire what is queued past its moment, and put it before staff: it is never sent late. Returns how many.

    Of what goes to many they see how many did not get it, and no item for each.
    What is queued on a channel that is not on ends here too.
    """
    with store.begin() as tx:
        gone = claims.expire(tx, now)
        for _, participant_id, kind in gone:
            if kind != TO_MANY:
                notices.tell(tx, now, "expired", participant_id)
        off = claims.fail_unknown(tx, now, tuple(house.channels))
        for _, participant_id, _ in off:
            notices.tell(tx, now, "failed", participant_id, "Kanalen är inte på.")
    return len(gone) + len(off)


def wake_talks(store: Store, house: House, now: datetime) -> list[Report]:
    """Nudge, once, the talks that stopped half-way; let those rest that stayed silent after it."""
    with store.read() as tx:
        sleeping = conversations.list_to_wake(tx, now)
    return [_wake(store, house, each, now) for each in sleeping]


def _wake(store: Store, house: House, talk: ToWake, now: datetime) -> Report:
    try:
        return conversation.wake(store, house, talk, now)
    except StoreUnavailable:
        raise
    except Exception as error:
        # One talk that cannot be woken must not keep the others asleep: it rests, and goes on when the person writes.
        log.exception("talk.not_woken", conversation=talk.id, error=type(error).__name__)
        with store.begin() as tx:
            conversations.set_state(tx, talk.id, "resting", now)
        return Report(talk.contact_id, state="failed")


def retry_turns(store: Store, house: House, now: datetime) -> list[Report]:
    """Try again the turns that raised."""
    return conversation.take_waiting(store, house, now)


def send_alarms(store: Store, house: House, now: datetime) -> int:
    """Queue the alarms to work devices that are due. They say nothing of the matter. Returns how many."""
    with store.begin() as tx:
        waiting = alarms.list_due(tx, now)
        for alarm in waiting:
            who = staff.find_by_id(tx, alarm.staff_id)
            if who is not None and who.device_channel and who.device:
                channel = who.device_channel
                contact = contacts.work_device(tx, now, who.id, channel, who.device)
                text = house.catalog.render(
                    "first_care/staff_alarm", language="sv", style="sms", facts={}, now=now
                ).text
                message = NewMessage(
                    contact_id=contact, participant_id=None, channel=channel, kind="staff_alarm", body=Body(text),
                    dedupe_key=f"alarm:{alarm.id}", why=house.catalog.why("alarm"),
                    message="first_care/staff_alarm",
                )  # fmt: skip
                outbox.queue(tx, tx.vault.own(tx), now, [message])
            alarms.sent(tx, alarm.id, now)
    return len(waiting)


def mark_for_erasure(store: Store, house: House, rules: Sequence[Rule], now: datetime) -> int:
    """Mark what a retention rule says is to go; nothing is deleted here. Returns how many new marks."""
    with store.begin() as tx:
        marks = due(rules, retention.subjects(tx, now), now)
        fresh = 0
        decisions = {rule.name: rule.decision for rule in rules}
        for each in marks:
            fresh += retention.mark(tx, now, each.participant, each.rule)
            decision = decisions[each.rule]
            if each.decided and decision:
                retention.decide(tx, each.participant, each.rule, decision)
    if fresh:
        log.info("retention.marked", marked=fresh)
    return fresh
