"""When a message goes, when it is too late, and the words that are written at that moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from rules.kinds import KINDS
from storage import control, participants
from storage.tables import person_keys
from tests.scheduler.street import HOUR, Street, local
from tests.servers.scripted import LATER, UNKNOWN
from tests.town import STOCKHOLM

# --- its moment -----------------------------------------------------------------------------------------------------


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
    (item,) = street.town.inbox("expired")
    assert "hann inte gå ut" in (item.note or "")
    assert item.participant_id == street.person().participant_id


def test_what_would_open_too_late_is_expired_at_once(street: Street) -> None:
    """The evening's message that may only go tomorrow at nine, and is of no use after eight."""
    street.town.now = local(23, 20)
    row = street.queues("a", kind="meeting", not_after=local(24, 8))
    street.town.send()
    assert street.state(row) == "expired"
    assert street.town.inbox("expired")


def test_nothing_goes_before_its_time(street: Street) -> None:
    row = street.queues("a", not_before=street.town.now + HOUR)
    street.after(3599)
    assert street.state(row) == "queued"
    street.after(2)
    assert street.state(row) == "accepted"


@pytest.mark.few_on_postgres("moment")
@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    "moment", [local(23, 21), local(29, 12), local(25, 12, month=12)], ids=["night", "sunday", "xmas"]
)
def test_hours_and_red_days_hold_what_the_bot_begins(street: Street, kind: str, moment: datetime) -> None:
    street.town.now = moment
    row = street.queues("a", kind=kind)
    street.town.send()
    at_night = moment == local(23, 21)
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


# --- words written at the moment of sending -------------------------------------------------------------------------


def _queues_late(street: Street, **facts: Any) -> int:
    return street.queues(None, kind="meeting", message="first_care/broken_promise", facts=facts)


def test_tomorrow_is_right_when_held_overnight(street: Street) -> None:
    """Queued on Monday evening about Wednesday; on Tuesday morning that is tomorrow."""
    street.town.now = local(23, 21)
    row = street.queues(
        None,
        kind="meeting",
        message="talk/received",
        facts={"answer_by": local(25, 12).isoformat(), "readers": ["Anna"]},
    )
    street.town.send()
    assert street.row(row).body_enc is None
    street.town.now = local(24, 9)
    street.town.send()
    (text,) = street.channel.texts()
    assert "i morgon kl. 12" in text


def test_a_changed_name_is_right_when_sent(street: Street) -> None:
    person = street.person().participant_id
    with street.town.store.begin() as tx:
        participants.set_profile(tx, person, name="Kim")
    street.town.now = local(23, 21)
    _queues_late(street, promise=None)
    street.town.send()
    with street.town.store.begin() as tx:
        participants.set_profile(tx, person, name="Alex")
    street.town.now = local(24, 9)
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
    assert len(street.town.inbox("undelivered")) == 2


def test_a_row_that_cannot_be_opened_holds_up_nobody(street: Street) -> None:
    lost, sound = street.queues("a"), street.queues("x", to="alex")
    with street.town.store.begin() as tx:
        gone = person_keys.c.id == street.person().key.id
        tx.execute(update(person_keys).where(gone).values(wrapped=b""))
    street.town.send()
    assert [street.state(row) for row in (lost, sound)] == ["failed", "accepted"]
