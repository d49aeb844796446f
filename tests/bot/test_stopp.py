"""STOPP: at once, in the same transaction, with one receipt, and a way back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot import conversation
from bot.actions.staff_words import CannotSay
from bot.channels.base import Inbound
from scheduler.dispatcher import Dispatcher
from storage import inbox
from storage.db import Store
from tests.town import LOOP, Phone, Town

SORRY = "jag vill inte leva längre"


def _stops(town: Town, phone: Phone, text: str = "STOPP") -> None:
    message = Inbound("sim_sms", phone.address, f"stop {next(town.numbers)}", text)
    conversation.take_turn(town.store, town.house, message, town.now)


def test_what_is_queued_is_cancelled_with_the_stop(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej", send=False)
    _stops(town, phone)
    assert [row.state for row in town.rows()] == ["cancelled", "cancelled", "queued"]
    assert {row.outcome for row in town.rows("cancelled")} == {"Personen har skrivit STOPP."}
    town.send()
    (receipt,) = phone.new()
    assert "BÖRJA" in receipt


def test_another_persons_messages_are_left_alone(store: Store) -> None:
    town = Town(store)
    town.phone(address="+46701740606").writes("hej", send=False)
    phone = town.phone()
    phone.writes("hej", send=False)
    _stops(town, phone)
    assert len(town.rows("queued")) == 3


@pytest.mark.parametrize("sent_between", [True, False], ids=["sent", "not sent yet"])
def test_the_receipt_comes_exactly_once(store: Store, sent_between: bool) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    said = [text for word in ("STOPP", "stopp!!", "sluta skriva") for text in phone.writes(word, send=sent_between)]
    town.send()
    said += phone.new()
    assert len(said) == 1


def test_nothing_of_ours_goes_out_after_stop(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    phone.writes("STOPP")
    for word in ("hej", "ja", "prata med någon", "hjälp", "mina uppgifter"):
        assert phone.writes(word) == []
    assert phone.writes("", kind="picture") == []
    assert phone.writes("1:1:yes", kind="button") == []
    town.later(days=1, hours=1)
    town.later(days=3)
    assert phone.new() == []
    assert town.inbox("message")


def test_staff_cannot_write_to_one_who_stopped(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    phone.writes("STOPP")
    with pytest.raises(CannotSay, match="STOPP"):
        conversation.say(store, town.house, phone.standing().participant_id, "Hej!", "staff:1", town.now)


@pytest.mark.parametrize("word", ["BÖRJA", "börja", "START", "start igen"])
def test_the_way_back_takes_the_talk_up_again(store: Store, word: str) -> None:
    town = Town(store)
    phone = town.phone()
    for text in ("hej", "ja", "STOPP"):
        phone.writes(text)
    back = phone.writes(word)
    assert "skriva till dig igen" in back[0]
    assert "kalla dig" in back[1]
    assert phone.writes("kim") == ["Hej Kim. Vilket år är du född?"]


def test_stop_return_and_stop_at_once_leave_the_last_receipt(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    for word in ("STOPP", "BÖRJA", "STOPP"):
        phone.writes(word, send=False)
    town.send()
    assert [text.endswith("Skriv BÖRJA om du ändrar dig.") for text in phone.new()] == [True]
    assert phone.standing().opted_out_at is not None
    assert [row.message for row in town.rows("accepted")][-1] == "first_care/stop_receipt"


# --- distress beside it ---------------------------------------------------------------------------------------------


def test_distress_after_stop_is_answered_each_time(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    phone.writes("STOPP")
    first = phone.writes(SORRY)
    town.later(seconds=30)
    second = phone.writes(SORRY)
    assert len(first) == 2
    assert len(second) == 1
    assert all("112" in answer[0] for answer in (first, second))
    assert phone.standing().opted_out_at is not None
    assert len(town.device("anna")) == 2


def test_stop_and_distress_in_one_message_are_both_done(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    said = "\n".join(phone.writes("STOPP. jag vill inte leva längre"))
    assert "112" in said
    assert "BÖRJA" in said
    assert phone.standing().opted_out_at is not None
    assert len(town.inbox("distress")) == 1
    assert town.device("anna")


def test_stop_does_not_take_the_answer_to_distress_away(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes(SORRY, send=False)
    phone.writes("STOPP", send=False)
    town.send()
    assert "112" in "\n".join(phone.new())


# --- between the claim and the request ------------------------------------------------------------------------------


def test_a_stop_between_claim_and_request_stops_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(store)
    channel = town.scripted()
    phone = town.phone()
    phone.writes("hej", send=False)
    beat = Dispatcher._work_off

    def stop_first(self: Dispatcher, *given: Any) -> Any:
        if self._ready and not phone.standing().opted_out_at:
            _stops(town, phone)
        return beat(self, *given)

    monkeypatch.setattr(Dispatcher, "_work_off", stop_first)
    town.send()
    assert ["BÖRJA" in text for text in channel.texts()] == [True]
    assert [row.state for row in town.rows()] == ["cancelled", "cancelled", "accepted"]


def test_a_stop_after_the_first_message_stops_the_next(store: Store) -> None:
    town = Town(store)
    channel = town.scripted()
    phone = town.phone()
    phone.writes("hej", send=False)
    LOOP.run(town.dispatcher.round())
    assert len(channel.began) == 1
    _stops(town, phone)
    town.send()
    assert len(channel.began) == 2
    assert "BÖRJA" in channel.texts()[1]


def test_the_provider_says_stop_and_it_counts(store: Store) -> None:
    from bot.channels.base import SendError

    town = Town(store)
    channel = town.scripted()
    phone = town.phone()
    phone.writes("hej", send=False)
    channel.does(SendError("never", "opted out there", code="21610", mark="opted_out"))
    town.send()
    assert len(channel.began) == 1
    assert [row.state for row in town.rows()] == ["failed", "cancelled"]
    assert phone.standing().opted_out_at is not None
    assert "gick inte fram" in (town.inbox("undelivered")[0].note or "")
    town.now += timedelta(days=1)
    town.send()
    assert len(channel.began) == 1


def test_what_only_might_be_a_stop_is_put_before_somebody_and_stops_nothing(store: Store) -> None:
    town = Town(store)
    phone = town.phone("sim_sms")
    phone.writes("hej")
    town.later(seconds=40)
    said = phone.writes("nej sluta, redan? kul, jag kommer")
    assert phone.standing().opted_out_at is None
    assert said, "the talk goes on"
    with store.begin() as tx:
        assert [item.kind for item in inbox.list_open(tx)] == ["message"]
