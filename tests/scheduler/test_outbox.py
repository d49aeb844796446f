"""The outbox and its dispatcher: what goes, when, in which order, and what becomes of what did not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot import conversation
from bot.channels.base import SendError
from rules.kinds import KINDS
from scheduler import dispatcher as dispatching
from storage import contacts, control, outbox, participants
from storage.db import Store
from storage.outbox import Body, NewMessage
from storage.tables import outbox as rows
from storage.tables import outbox_attempts, person_keys
from tests.servers.scripted import BLOCKED, LATER, UNKNOWN, Scripted, later, taken
from tests.town import LOOP, STOCKHOLM, Phone, Town

HOUR = timedelta(hours=1)


class Street:
    """A town with one scripted channel, and people whom messages are queued for past any talk."""

    def __init__(self, store: Store, **how: Any) -> None:
        self.town = Town(store)
        self.channel: Scripted = self.town.scripted(**how)
        self._known: dict[str, Any] = {}

    def person(self, name: str = "kim") -> Any:
        if name not in self._known:
            with self.town.store.begin() as tx:
                self._known[name] = contacts.create(tx, self.town.now, "sim_sms", f"+4670{len(self._known):07d}")
        return self._known[name]

    def queues(self, text: str | None, to: str = "kim", kind: str = "reply", key: str = "", **more: Any) -> int:
        who = self.person(to)
        message = NewMessage(
            who.contact_id, who.participant_id, "sim_sms", kind, key or f"test:{text}:{more.get('message')}", "Ett prov.",
            Body(text) if text is not None else None, **more,
        )  # fmt: skip
        with self.town.store.begin() as tx:
            return outbox.queue(tx, who.key, self.town.now, [message])[0]

    def row(self, row_id: int) -> Any:
        return next(row for row in self.town.rows() if row.id == row_id)

    def state(self, row_id: int) -> str:
        return str(self.row(row_id).state)

    def after(self, seconds: float) -> None:
        self.town.now += timedelta(seconds=seconds)
        self.town.lease += timedelta(seconds=seconds)
        self.town.send()


@pytest.fixture
def street(store: Store) -> Street:
    return Street(store)


@pytest.fixture
def blind(store: Store) -> Street:
    """The same, with a channel that cannot look up what it took."""
    return Street(store, finds=False)


# --- why a message exists is a unique key ---------------------------------------------------------------------------------------


def test_one_reason_queues_one_message(street: Street) -> None:
    street.queues("ett", key="turn:1:0")
    street.queues("ett igen", key="turn:1:0")
    street.town.send()
    assert street.channel.texts() == ["ett"]


def test_the_same_form_from_staff_sends_once(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    for _ in range(3):
        person = phone.standing().participant_id
        conversation.say(store, town.house, person, "Hej, det är Anna.", "staff:1", town.now, nonce="form-1")
    town.send()
    assert phone.new() == ["Hej, det är Anna."]


# --- order ------------------------------------------------------------------------------------------------------------------------


def test_one_person_reads_in_the_order_of_writing(street: Street) -> None:
    for text in "abcdef":
        street.queues(text)
    for text in "xyz":
        street.queues(text, to="alex")
    street.town.round()
    assert sorted(street.channel.texts()) == ["a", "x"], "one row a contact is open at a time"
    street.town.send()
    mine = [each.text for each in street.channel.taken if each.address == "+46700000000"]
    assert mine == list("abcdef")


def test_an_uncertain_message_holds_the_next_ones(street: Street) -> None:
    street.channel.does(taken(UNKNOWN))
    street.channel.unreadable = LATER
    for text in "abc":
        street.queues(text)
    street.queues("x", to="alex")
    street.town.send()
    assert street.channel.texts() == ["a", "x"]
    street.town.doubt()
    street.town.send()
    assert street.channel.texts() == ["a", "x"], "unreadable: neither sent again nor overtaken"
    street.channel.unreadable = None
    street.town.doubt()
    street.town.send()
    assert street.channel.texts() == ["a", "x", "b", "c"]


def test_the_most_urgent_waits_for_nothing(street: Street) -> None:
    street.channel.does(taken(UNKNOWN))
    street.channel.unreadable = LATER
    for text in "ab":
        street.queues(text)
    street.town.send()
    urgent = street.queues("112", kind="distress")
    street.town.send()
    assert street.state(urgent) == "accepted"
    assert street.channel.texts() == ["a", "112"]


def test_two_urgent_ones_keep_their_order(street: Street) -> None:
    first_done: list[str] = []

    async def slow_first(message: Any) -> Any:
        if message.text == "linjer":
            for _ in range(20):
                await asyncio.sleep(0)
        first_done.append(message.text)
        return street.channel._receipt(message)

    street.channel.send = slow_first  # type: ignore[method-assign]
    street.queues("linjer", kind="distress")
    street.queues("vem som larmats", kind="distress")
    street.town.send()
    assert first_done == ["linjer", "vem som larmats"]


def test_one_persons_silence_holds_up_nobody_else(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "REQUEST_DEADLINE", 0.05)
    street.channel.does("hang")
    slow = street.queues("a")
    quick = street.queues("x", to="alex")
    street.town.send()
    assert (street.state(slow), street.state(quick)) == ("uncertain", "accepted")


# --- leases ------------------------------------------------------------------------------------------------------------------------


def _claims(street: Street) -> list[Any]:
    """A worker claims, and is heard of no more."""
    claimed, _ = street.town.dispatcher._claim(street.town.now, street.town.lease)
    return list(claimed)


def test_a_lease_that_runs_out_is_uncertain_and_never_queued(blind: Street) -> None:
    row = blind.queues("a")
    _claims(blind)
    blind.town.doubt(seconds=59)
    assert blind.state(row) == "sending"
    with blind.town.store.begin() as tx:
        assert outbox.lose_leases(tx, blind.town.lease + timedelta(seconds=2)) == 1
    assert blind.state(row) == "uncertain"


def test_what_was_claimed_and_not_sent_is_sent_once(street: Street) -> None:
    row = street.queues("a")
    _claims(street)
    street.town.restart()
    street.town.doubt(seconds=61)
    assert street.state(row) == "queued"
    street.town.send()
    assert street.channel.texts() == ["a"]
    assert street.row(row).possible_duplicate is False


def test_what_was_sent_and_not_settled_is_found(street: Street) -> None:
    row = street.queues("a")
    (claimed,) = _claims(street)
    LOOP.run(street.town.dispatcher._send(claimed))
    street.town.restart()
    street.town.doubt(seconds=61)
    street.town.send()
    assert street.state(row) == "accepted"
    assert street.row(row).provider_id
    assert street.channel.texts() == ["a"]


def test_a_sleepers_late_word_changes_nothing(street: Street) -> None:
    """It slept through its lease; the row was looked for, and sent by another. What it says now is kept, no more."""
    row = street.queues("a")
    (sleeper,) = _claims(street)
    street.town.doubt(seconds=61)
    street.town.send()
    before = street.row(row)
    asleep = dispatching._outcome(sleeper, "failed", why="sov", provider_id="late")
    street.town.dispatcher._settle(street.town.now + HOUR, [(sleeper, asleep)])
    assert street.row(row) == before
    assert street.town.inbox() == []
    with street.town.store.read() as tx:
        tries = tx.execute(select(outbox_attempts).order_by(outbox_attempts.c.number)).all()
    assert [(each.number, each.outcome) for each in tries] == [(1, "sov"), (2, "accepted")]
    assert tries[0].provider_id == "late"


def test_a_sleeper_that_wakes_late_does_not_begin(street: Street) -> None:
    row = street.queues("a")
    (sleeper,) = _claims(street)
    street.town.lease += timedelta(seconds=36)
    outcome = LOOP.run(street.town.dispatcher._send(sleeper))
    assert outcome.state == "queued"
    assert street.channel.began == []
    assert street.state(row) == "sending"


def test_a_row_that_is_no_longer_ours_is_not_sent(street: Street) -> None:
    row = street.queues("a")
    (sleeper,) = _claims(street)
    with street.town.store.begin() as tx:
        outbox.lose_leases(tx, street.town.lease + HOUR)
    assert LOOP.run(street.town.dispatcher._send(sleeper)).state == "cancelled"
    assert street.channel.began == []
    assert street.state(row) == "uncertain"


def test_two_who_look_at_once_send_it_once_more_at_most(blind: Street) -> None:
    """A slow second look at an uncertain row may not put it in the queue once more."""
    blind.channel.does(taken(UNKNOWN), taken(UNKNOWN))
    row = blind.queues("a")
    blind.town.send()
    with blind.town.store.begin() as tx:
        (slow,) = outbox.list_uncertain(tx, blind.town.now)
    blind.town.doubt()
    blind.town.send()
    assert blind.state(row) == "uncertain"
    with blind.town.store.begin() as tx:
        assert outbox.resolve(tx, blind.town.now, slow, "queued", flag=True) is False
    assert blind.state(row) == "uncertain"


# --- doubt -------------------------------------------------------------------------------------------------------------------------


def test_found_at_the_provider_it_is_accepted(street: Street) -> None:
    street.channel.does(taken(UNKNOWN))
    row = street.queues("a")
    street.town.send()
    assert street.state(row) == "uncertain"
    street.town.doubt()
    assert street.state(row) == "accepted"
    street.town.send()
    assert street.channel.texts() == ["a"]


def test_not_found_it_is_sent_again_and_then_parked(street: Street) -> None:
    street.channel.does(*[UNKNOWN] * 5)
    row = street.queues("a")
    for _ in range(6):
        street.town.send()
        street.town.doubt()
    assert street.state(row) == "parked"
    assert len(street.channel.began) == 3
    (item,) = street.town.inbox("other")
    assert "Vi vet inte om" in (item.note or "")


def test_where_none_can_look_it_is_sent_once_more_and_flagged(blind: Street) -> None:
    blind.channel.does(taken(UNKNOWN))
    row = blind.queues("a")
    blind.town.send()
    blind.town.doubt()
    blind.town.send()
    assert blind.state(row) == "accepted"
    assert blind.row(row).possible_duplicate is True
    assert blind.channel.texts() == ["a", "a"]


def test_where_none_can_look_it_is_never_sent_a_third_time(blind: Street) -> None:
    blind.channel.does(*[taken(UNKNOWN)] * 5)
    row = blind.queues("a")
    for _ in range(6):
        blind.town.send()
        blind.town.doubt(seconds=100)
    assert blind.state(row) == "parked"
    assert blind.channel.texts() == ["a", "a"]
    assert blind.town.inbox("other")


def test_a_channel_that_breaks_in_the_look_leaves_the_others(street: Street) -> None:
    street.channel.does(taken(UNKNOWN), taken(UNKNOWN))
    first, second = street.queues("a"), street.queues("x", to="alex")
    street.town.send()
    find, seen = street.channel.find, list[str]()

    async def breaks_once(message: Any) -> Any:
        seen.append(message.text)
        if len(seen) == 1:
            raise ValueError("a bug in the channel")
        return await find(message)

    street.channel.find = breaks_once  # type: ignore[method-assign]
    street.town.doubt()
    assert sorted((street.state(first), street.state(second))) == ["accepted", "uncertain"]
    street.town.doubt()
    assert {street.state(first), street.state(second)} == {"accepted"}


@pytest.mark.parametrize("act", [RuntimeError("a bug"), OSError("no route"), "hang"], ids=["bug", "os", "hang"])
def test_whatever_else_a_channel_raises_may_have_gone_out(
    street: Street, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "REQUEST_DEADLINE", 0.05)
    street.channel.does(taken(act))
    row = street.queues("a")
    street.town.send()
    assert street.state(row) == "uncertain"
    street.town.doubt()
    assert street.state(row) == "accepted"
    assert street.channel.texts() == ["a"]


# --- later, never --------------------------------------------------------------------------------------------------------------------


def test_later_waits_as_long_as_the_provider_says(street: Street) -> None:
    street.channel.does(later(90))
    row = street.queues("a")
    street.town.send()
    assert street.state(row) == "queued"
    street.after(89)
    assert street.channel.texts() == []
    street.after(2)
    assert street.state(row) == "accepted"


@pytest.mark.parametrize(
    ("said", "waits"), [(0.001, 1), (86_400, 3600), (float("inf"), 3600), (float("nan"), 30), (-5, 1)]
)
def test_an_absurd_wait_is_brought_within_reason(street: Street, said: float, waits: int) -> None:
    street.channel.does(later(said))
    row = street.queues("a")
    street.town.send()
    assert street.row(row).not_before == street.town.now + timedelta(seconds=waits)


def test_later_without_a_time_backs_off(street: Street) -> None:
    street.channel.does(*[LATER] * 6)
    row = street.queues("a")
    waits = []
    for _ in range(6):
        street.town.send()
        waits.append(street.row(row).not_before - street.town.now)
        street.town.now = street.row(row).not_before
    assert all(timedelta(seconds=2.5 * 2**n) <= wait <= timedelta(seconds=5 * 2**n) for n, wait in enumerate(waits))
    street.town.send()
    assert street.state(row) == "accepted"


def test_a_provider_that_is_down_for_hours_loses_nothing(street: Street) -> None:
    row = street.queues("a")
    end = street.town.now + 4 * HOUR
    while street.town.now < end:
        street.channel.script.clear()
        street.channel.does(LATER)
        street.town.send()
        street.town.now = max(street.row(row).not_before, street.town.now + timedelta(seconds=1))
    street.channel.script.clear()
    street.town.now += HOUR
    street.town.send()
    assert street.state(row) == "accepted"


def test_after_many_hours_of_later_staff_are_told(street: Street) -> None:
    row = street.queues("a")
    street.channel.does(*[LATER] * 40)
    for _ in range(40):
        street.town.send()
        street.town.now += HOUR
    assert street.state(row) == "failed"
    assert "gick inte fram" in (street.town.inbox("other")[0].note or "")


def test_a_whole_channel_pauses_and_no_other(store: Store) -> None:
    town = Town(store)
    sms, chat = town.scripted("sim_sms"), town.scripted("sim_telegram", style="chat")
    sms.does(later(60, whole_channel=True))
    phones = [Phone(town, "sim_sms", f"+4670000000{n}") for n in range(3)]
    phones[0].writes("hej")
    assert len(sms.began) == 1
    for phone in phones[1:]:
        phone.writes("hej")
    town.phone("sim_telegram").writes("hej")
    assert len(sms.began) == 1, "while the channel pauses, nothing is begun on it"
    assert len(chat.taken) == 2
    town.lease += timedelta(seconds=61)
    town.now += timedelta(seconds=61)
    town.send()
    assert len(sms.taken) == 6


def test_never_is_tried_once_and_marks_the_contact(street: Street) -> None:
    street.channel.does(BLOCKED)
    first, second = street.queues("a"), street.queues("b")
    street.town.send()
    street.town.doubt()
    street.town.send()
    assert (street.state(first), street.state(second)) == ("failed", "cancelled")
    assert len(street.channel.began) == 1
    assert "gick inte fram" in (street.town.inbox("other")[0].note or "")
    with street.town.store.read() as tx:
        assert contacts.get(tx, street.person().contact_id).blocked_at is not None


def test_one_who_writes_again_is_reached_again(store: Store) -> None:
    town = Town(store)
    channel = town.scripted()
    phone = town.phone()
    channel.does(BLOCKED)
    phone.writes("hej")
    assert channel.texts() == []
    phone.writes("hej")
    assert channel.texts()
    assert phone.standing().blocked_at is None


def test_a_long_word_from_the_provider_loses_no_outcome(street: Street) -> None:
    street.channel.does(SendError("later", "x\x00" * 500), "ok")
    first, second = street.queues("a"), street.queues("x", to="alex")
    street.town.send()
    assert sorted((street.state(first), street.state(second))) == ["accepted", "queued"]


def test_a_channel_that_is_off_is_told_to_staff(street: Street) -> None:
    row = street.queues("a")
    street.town.house = replace(street.town.house, channels={})
    street.town.restart()
    street.town.send()
    assert street.state(row) == "failed"
    assert street.town.inbox("other")


# --- its moment ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["the dispatcher", "the sweep"])
def test_what_is_too_late_is_not_sent_and_staff_see_it(street: Street, who: str) -> None:
    row = street.queues("a", not_after=street.town.now + HOUR)
    street.town.now += HOUR + timedelta(minutes=1)
    if who == "the dispatcher":
        street.town.send()
    else:
        street.town.later()
    assert street.state(row) == "expired"
    assert street.channel.began == []
    (item,) = street.town.inbox("other")
    assert "hann inte gå ut" in (item.note or "")
    assert item.participant_id == street.person().participant_id


def test_what_would_open_too_late_is_expired_at_once(street: Street) -> None:
    """The evening's message that may only go tomorrow at nine, and is of no use after eight."""
    street.town.now = _local(23, 20)
    row = street.queues("a", kind="meeting", not_after=_local(24, 8))
    street.town.send()
    assert street.state(row) == "expired"
    assert street.town.inbox("other")


def test_nothing_goes_before_its_time(street: Street) -> None:
    row = street.queues("a", not_before=street.town.now + HOUR)
    street.after(3599)
    assert street.state(row) == "queued"
    street.after(2)
    assert street.state(row) == "accepted"


def _local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("moment", [_local(23, 21), _local(29, 12), _local(25, 12, month=12)], ids=["night", "sunday", "xmas"])
def test_hours_and_red_days_hold_what_the_bot_begins(street: Street, kind: str, moment: datetime) -> None:
    street.town.now = moment
    row = street.queues("a", kind=kind)
    street.town.send()
    at_night = moment == _local(23, 21)
    held = KINDS[kind].hours == "held" and (at_night or not KINDS[kind].red_days)
    assert street.state(row) == ("queued" if held else "accepted")
    if held:
        assert street.row(row).outcome
        street.town.now = street.row(row).not_before
        assert (street.town.now.astimezone(STOCKHOLM).hour, street.town.now > moment) == (9, True)
        street.town.send()
        assert street.state(row) == "accepted"


def test_no_more_than_two_a_week_of_what_counts(street: Street) -> None:
    sent = []
    for number in range(5):
        street.queues(f"n{number}", kind="follow_up")
    for _ in range(24 * 14):
        street.town.now += HOUR
        before = len(street.channel.taken)
        street.town.send()
        sent += [street.town.now] * (len(street.channel.taken) - before)
    days = [moment.astimezone(STOCKHOLM).date() for moment in sent]
    assert len(days) == len(set(days)), "one a day at most"
    assert all(sum(0 <= (other - day).days < 7 for other in days) <= 2 for day in days)
    assert len(days) >= 4


def test_a_hold_on_all_sending_is_kept(street: Street) -> None:
    row = street.queues("a")
    with street.town.store.begin() as tx:
        control.put(tx, control.SENDING_HOLD, "restored")
    street.town.send()
    assert street.state(row) == "queued"
    with street.town.store.begin() as tx:
        control.clear(tx, control.SENDING_HOLD)
    street.town.send()
    assert street.state(row) == "accepted"


# --- words written at the moment of sending ---------------------------------------------------------------------------------------------


def _queues_late(street: Street, **facts: Any) -> int:
    return street.queues(None, kind="meeting", message="first_care/broken_promise", facts=facts)


def test_tomorrow_is_right_when_held_overnight(street: Street) -> None:
    """Queued on Monday evening about Wednesday; on Tuesday morning that is tomorrow."""
    street.town.now = _local(23, 21)
    row = street.queues(
        None, kind="meeting", message="talk/received", facts={"answer_by": _local(25, 12).isoformat(), "readers": ["Anna"]}
    )
    street.town.send()
    assert street.row(row).body_enc is None
    street.town.now = _local(24, 9)
    street.town.send()
    (text,) = street.channel.texts()
    assert "i morgon kl. 12" in text


def test_a_changed_name_is_right_when_sent(street: Street) -> None:
    person = street.person().participant_id
    with street.town.store.begin() as tx:
        participants.set_profile(tx, person, name="Kim")
    street.town.now = _local(23, 21)
    _queues_late(street, promise=None)
    street.town.send()
    with street.town.store.begin() as tx:
        participants.set_profile(tx, person, name="Alex")
    street.town.now = _local(24, 9)
    street.town.send()
    assert "Hej Alex." in street.channel.texts()[0]


def test_a_retry_sends_the_same_bytes(street: Street) -> None:
    street.channel.does(UNKNOWN, LATER)
    row = _queues_late(street, promise=None)
    street.town.send()
    with street.town.store.begin() as tx:
        participants.set_profile(tx, street.person().participant_id, name="Alex")
    for _ in range(3):
        street.town.doubt()
        street.after(60)
    assert street.state(row) == "accepted"
    assert len(street.channel.began) == 3
    assert {message.text for message in street.channel.began} == {street.channel.texts()[0]}
    assert {message.ref for message in street.channel.began} == {street.row(row).ref}
    assert "Alex" not in street.channel.texts()[0]


def test_a_text_that_cannot_be_written_holds_up_nobody(street: Street) -> None:
    broken = street.queues(None, kind="meeting", message="no/such_message")
    lacking = street.queues(None, to="sam", kind="meeting", message="talk/check")
    sound = street.queues("x", to="alex")
    street.town.send()
    assert [street.state(row) for row in (broken, lacking, sound)] == ["failed", "failed", "accepted"]
    assert len(street.town.inbox("other")) == 2


def test_a_row_that_cannot_be_opened_holds_up_nobody(street: Street) -> None:
    lost, sound = street.queues("a"), street.queues("x", to="alex")
    with street.town.store.begin() as tx:
        gone = person_keys.c.id == street.person().key.id
        tx.execute(update(person_keys).where(gone).values(wrapped=b""))
    street.town.send()
    assert [street.state(row) for row in (lost, sound)] == ["failed", "accepted"]


# --- receipts ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def accepted(street: Street) -> Iterator[Any]:
    row = street.queues("a")
    street.town.send()
    yield street.row(row)


def _hears(street: Street, ref: str, *said: str) -> str | None:
    state = None
    for word in said:
        with street.town.store.begin() as tx:
            state = outbox.record_status(tx, street.town.now, ref, word, "SM1")
    return state


@pytest.mark.parametrize("order", list(permutations(["queued", "sending", "sent", "delivered"])), ids="-".join)
def test_receipts_in_any_order_end_alike(street: Street, order: tuple[str, ...]) -> None:
    row = street.queues("a")
    street.town.send()
    assert _hears(street, street.row(row).ref, *order, *order) == "delivered"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=st.lists(st.sampled_from(["accepted", "queued", "sending", "sent", "delivered", "read", "?"]), max_size=8))
def test_a_receipt_only_ever_moves_a_row_forward(street: Street, accepted: Any, said: list[str]) -> None:
    with street.town.store.begin() as tx:
        reset = update(rows).where(rows.c.id == accepted.id)
        tx.execute(reset.values(state="accepted", rank=1, settled_at=accepted.settled_at))
    best = "delivered" if {"delivered", "read"} & set(said) else "sent" if "sent" in said else "accepted"
    _hears(street, accepted.ref, *said)
    assert street.state(accepted.id) == best


def test_a_receipt_may_come_before_our_own_answer(street: Street) -> None:
    row = street.queues("a")
    (claimed,) = _claims(street)
    outcome = LOOP.run(street.town.dispatcher._send(claimed))
    assert _hears(street, street.row(row).ref, "sent") == "sent"
    street.town.dispatcher._settle(street.town.now, [(claimed, outcome)])
    assert street.state(row) == "sent"
    street.town.doubt(seconds=61)
    street.town.send()
    assert street.channel.texts() == ["a"]


def test_a_receipt_ends_a_doubt(street: Street) -> None:
    street.channel.does(taken(UNKNOWN))
    row = street.queues("a")
    street.town.send()
    assert _hears(street, street.row(row).ref, "delivered") == "delivered"
    street.town.doubt(seconds=61)
    street.town.send()
    assert street.channel.texts() == ["a"]
    assert street.channel.looked_for == []


def test_a_receipt_for_nobody_changes_nothing(street: Street) -> None:
    assert _hears(street, "no such reference", "delivered") is None


# --- what is kept ----------------------------------------------------------------------------------------------------------------------


def test_a_body_comes_back_as_it_was(street: Street) -> None:
    body = Body("å ä ö\n\U0001f600", (("Ja", "1:2:yes"),))
    assert Body.load(body.dump()) == body
    assert json.loads(body.dump())["text"] == body.text
