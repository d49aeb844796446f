"""A talk is shown in the order in which it was said, with the state that each message is in."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from storage import contacts, outbox, tables, timeline
from storage.crypto import key_id_of
from storage.db import Store
from storage.timeline import Line
from tests.town import MONDAY, Phone, Town


def _lines(town: Town, phone: Phone) -> list[Line]:
    with town.store.read() as tx:
        return timeline.of_contact(tx, phone.standing().contact_id)


def test_lines_stand_in_the_order_said(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    phone.writes("ja")
    lines = _lines(town, phone)
    assert next(line.who for line in lines) == "person"
    assert [line.text for line in lines if line.who == "person"] == ["hej", "ja"]
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert lines[-1].who == "bot"
    assert all(line.state == "accepted" and line.reached for line in lines if line.who == "bot")


def test_queued_message_has_not_reached_anyone(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej", send=False)
    lines = _lines(town, phone)
    assert {line.state for line in lines if line.who == "bot"} == {"queued"}
    assert [line.who for line in lines if line.reached] == ["person"]


def test_person_with_two_contacts_is_one_talk(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    with store.begin() as tx:
        other = contacts.create(tx, town.now, "sim_telegram", "7001")
        move = update(tables.contacts).where(tables.contacts.c.id == other.contact_id)
        tx.execute(move.values(participant_id=phone.standing().participant_id))
    town.phone("sim_telegram", "7001").writes("hej igen")
    with store.read() as tx:
        lines = timeline.of_participant(tx, phone.standing().participant_id)
    assert {line.channel for line in lines} == {"sim_sms", "sim_telegram"}


def test_only_last_lines_are_given_within_limit(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    for text in ("hej", "ja", "kim", "03"):
        phone.writes(text)
    with store.read() as tx:
        lines = timeline.of_contact(tx, phone.standing().contact_id, 3)
    assert len(lines) == 3
    assert lines == _lines(town, phone)[-3:]


def test_erased_words_are_told_as_none(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("mina hemliga ord")
    contact = phone.standing().contact_id
    with store.begin() as tx:
        keys = tables.person_keys
        tx.execute(update(keys).where(keys.c.participant_id.is_not(None)).values(wrapped=b""))
    with store.read() as tx:
        lines = timeline.of_contact(tx, contact)
    assert lines
    assert {line.text for line in lines} == {None}


def test_staffs_own_words_are_marked_as_theirs(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    who = phone.standing()
    with store.begin() as tx:
        own = outbox.NewMessage(
            who.contact_id, who.participant_id, who.channel, "staff", "staff:1", "En medarbetare skrev det här.",
            body=outbox.Body("Hej, det är Anna."), author="staff",
        )  # fmt: skip
        outbox.queue(tx, who.key, town.now, [own])
    last = _lines(town, phone)[-1]
    assert (last.who, last.text, last.state) == ("staff", "Hej, det är Anna.", "queued")


def test_mark_changes_with_what_is_shown(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    contact = phone.standing().contact_id
    with store.read() as tx:
        first = timeline.mark(tx, contact)
        assert timeline.mark(tx, contact) == first
    phone.writes("ja", send=False)
    with store.read() as tx:
        heard = timeline.mark(tx, contact)
    town.send()
    with store.read() as tx:
        assert len({first, heard, timeline.mark(tx, contact)}) == 3


def test_waiting_answer_is_known_until_sent(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej", send=False)
    contact = phone.standing().contact_id
    with store.read() as tx:
        assert timeline.waits_for_answer(tx, contact, town.now)
        assert not timeline.waits_for_answer(tx, contact, town.now - timedelta(hours=1))
    town.send()
    with store.read() as tx:
        assert not timeline.waits_for_answer(tx, contact, town.now)


def test_coming_tells_queued_and_nudges_soonest_first(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    phone.writes("ja", send=False)
    contact = phone.standing().contact_id
    with store.read() as tx:
        coming = timeline.coming(tx, [contact])
        assert timeline.coming(tx, [contact + 1]) == []
        assert timeline.coming(tx) == coming
    assert [each.sort for each in coming] == ["queued", "nudge"]
    assert coming[0].text
    assert coming[1].at > MONDAY + timedelta(hours=12)


def test_alarms_to_come_name_whose_device(store: Store) -> None:
    town = Town(store)
    town.phone().writes("jag vill inte leva längre")
    with store.read() as tx:
        told = timeline.alarms_to_come(tx)
        sent = timeline.of_channel(tx, "device")
    assert [(alarm.name, alarm.at - MONDAY) for alarm in told] == [("Maria", timedelta(minutes=10))]
    assert {name for name, _ in sent} >= {"Anna", "Erik"}
    assert all("leva" not in (line.text or "") for _, line in sent)


def test_sealed_message_is_what_the_file_holds(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej såg lappen på coop")
    first = _lines(town, phone)[0]
    with store.read() as tx:
        blob = timeline.sealed(tx, first.id)
        assert timeline.sealed(tx, 1) is None
    assert blob is not None
    assert b"lappen" not in blob
    assert key_id_of(blob) == phone.standing().key.id
