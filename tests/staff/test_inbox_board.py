from datetime import timedelta

import pytest

from staff import inbox_board, inbox_deeds
from staff.inbox_board import Board, OneEntry, look
from staff.labels import HIDDEN
from staff.people import Actor, NotTheirs, find_actor
from storage import inbox, named_readers, units
from storage.inbox import Item
from tests.staff.conftest import OPERATOR, Office


def acting(office: Office, name: str = "Anna") -> Actor:
    with office.store.read() as tx:
        return find_actor(tx, "drift", name)


def board(office: Office, name: str = "Anna", **more: object) -> Board:
    return look(office.store, office.now, acting(office, name), **more)  # type: ignore[arg-type]


def titles(office: Office, name: str = "Anna", **more: object) -> list[tuple[str, str]]:
    return [(entry.name, entry.title) for entry in board(office, name, **more).entries]


def test_the_order_is_that_of_what_cannot_wait(office: Office) -> None:
    for kind in reversed(list(inbox.URGENCY)):
        office.item(office.person(name=kind), kind)
        office.now += timedelta(seconds=1)
    names = [name for name, _ in titles(office)]
    assert names == [
        "violence", "distress", "outage", "protected", "promise", "message", "callback", "referral", "silence",
        "meeting", "rating", "undelivered", "expired", "how", "other",
    ]  # fmt: skip


def test_a_promise_that_breaks_today_goes_first(office: Office) -> None:
    office.item(office.person(name="Ny"), "message", due=office.now + timedelta(days=1))
    office.item(office.person(name="Anmäld"), "referral", due=office.now + timedelta(hours=4))
    office.item(office.person(name="Bruten"), "other", due=office.now - timedelta(hours=4))
    office.item(office.person(name="Akut"), "distress", due=office.now + timedelta(minutes=10))
    found = board(office).entries
    assert [entry.name for entry in found] == ["Akut", "Bruten", "Anmäld", "Ny"]
    assert [entry.breaking for entry in found] == [False, True, True, False]
    assert [entry.overdue for entry in found] == [False, True, False, False]


def test_a_person_is_one_entry_with_one_clock(office_on_both: Office) -> None:
    office = office_on_both
    kim = office.person(name="Kim")
    office.item(kim, "referral", "anmälan")
    office.now += timedelta(hours=3)
    first = office.item(kim, "message", "hej?", due=office.now + timedelta(days=1))
    office.now += timedelta(minutes=5)
    assert office.item(kim, "message", "är ni där") == first
    (entry,) = board(office).entries
    assert [part.kind for part in entry.parts] == ["message", "referral"]
    assert entry.since == office.now - timedelta(hours=3, minutes=5)
    assert entry.note == "hej?\när ni där"
    assert (entry.id, entry.title) == (first, "Meddelande")


def test_the_load_counts_people_and_those_on_duty(office: Office) -> None:
    for _ in range(3):
        office.item(office.person(name="Kim"))
    office.item(None, "other", "skrivaren")
    office.item(office.person("pitea"))
    found = board(office)
    assert (found.count, found.waiting, found.colleagues) == (4, 3, 2)
    saturday = office.now + timedelta(days=5)
    assert look(office.store, saturday, acting(office)).colleagues == 0


def test_what_sleeps_comes_back_by_itself(office: Office) -> None:
    kim = office.person(name="Kim")
    item = office.item(kim)
    inbox_deeds.snooze(office.store, office.now, acting(office), item, office.now + timedelta(hours=2))
    assert titles(office) == []
    asleep = board(office, view="vilar")
    assert (asleep.snoozed, [entry.name for entry in asleep.entries]) == (1, ["Kim"])
    office.now += timedelta(hours=2)
    assert titles(office) == [("Kim", "Meddelande")]


@pytest.mark.parametrize("kind", ["message", "callback"])
def test_a_new_message_ends_the_sleep(office: Office, kind: str) -> None:
    kim = office.person(name="Kim")
    item = office.item(kim)
    inbox_deeds.snooze(office.store, office.now, acting(office), item, office.now + timedelta(days=2))
    office.now += timedelta(minutes=3)
    office.item(kim, kind, "hallå")
    assert [name for name, _ in titles(office)] == ["Kim"]


def test_a_page_holds_twenty(office_on_both: Office) -> None:
    office = office_on_both
    for number in range(23):
        office.item(office.person(name=f"N{number:02}"))
    first, second = board(office), board(office, page=2)
    assert (first.pages, len(first.entries), len(second.entries), second.page) == (2, 20, 3, 2)
    assert board(office, page=9).page == 2


def test_units_see_their_own_and_what_is_nobodys(office: Office) -> None:
    office.item(office.person(name="Kim"))
    office.item(office.person("pitea", name="Alva"))
    office.item(office.person(None, name="Bo"))
    assert [name for name, _ in titles(office)] == ["Kim", "Bo"]
    assert [name for name, _ in titles(office, "Sara")] == ["Alva", "Bo"]
    with office.store.read() as tx:
        alvsbyn = units.get_unit(tx, "alvsbyn")
    assert [name for name, _ in titles(office, unit=alvsbyn)] == ["Kim"]
    assert len(look(office.store, office.now, OPERATOR).entries) == 3


def test_the_protected_are_opened_by_their_readers_alone(office: Office) -> None:
    kim = office.person(name="Kim", protected=True)
    item = office.item(kim, "protected", "Kim skrev")
    (entry,) = board(office).entries
    assert (entry.name, entry.hidden, entry.note) == (HIDDEN, True, "")
    assert "Kim" not in repr(entry)
    with pytest.raises(NotTheirs):
        inbox_board.find(office.store, office.now, acting(office), item)
    with office.store.begin() as tx:
        named_readers.add(tx, office.now, kim, acting(office).staff_id or 0)
    (entry,) = board(office).entries
    assert (entry.name, entry.hidden, entry.note) == ("Kim", False, "Kim skrev")
    assert isinstance(inbox_board.find(office.store, office.now, acting(office), item), OneEntry)
    assert ("inbox.show", f"participant:{kim}", "refused: protected") in office.log()
    assert ("inbox.show", f"participant:{kim}", "ok named reader") in office.log()


def test_an_entry_on_its_own_page(office: Office) -> None:
    kim = office.person(name="Kim")
    item = office.item(kim, note="hej")
    found = inbox_board.find(office.store, office.now, acting(office), item)
    assert isinstance(found, OneEntry)
    assert [name for _, name in found.colleagues] == ["Erik", "Maria"]
    inbox_deeds.close(office.store, office.now, acting(office), item, [item], "done")
    assert isinstance(inbox_board.find(office.store, office.now, acting(office), item), Item)
    for unknown, who in ((17, "Anna"), (item, "Sara")):
        with pytest.raises(NotTheirs):
            inbox_board.find(office.store, office.now, acting(office, who), unknown)


def test_the_mark_changes_with_the_entry(office: Office) -> None:
    kim = office.person(name="Kim")
    item = office.item(kim, note="hej")
    before = board(office).entries[0].mark
    assert board(office).entries[0].mark == before
    inbox_deeds.take(office.store, office.now, acting(office), item)
    assert board(office).entries[0].mark != before


def test_closing_words_open_nothing_and_wake_nothing(office: Office) -> None:
    phone = office.phone()
    for text in ("hej", "ja", "kim", "2003", "1", "4 o 6", "1", "1", "nej", "ja"):
        phone.writes(text)
    (entry,) = board(office).entries
    assert [part.kind for part in entry.parts] == ["referral"]
    for text in ("tack", "ok", "👍", "tack så mycket"):
        office.now += timedelta(minutes=15)
        phone.writes(text)
    (again,) = board(office).entries
    assert again.parts == entry.parts
    inbox_deeds.snooze(office.store, office.now, acting(office), entry.id, office.now + timedelta(days=1))
    phone.writes("tack")
    assert titles(office) == []
    phone.writes("kan vi ses på tisdag i stället")
    assert [title for _, title in titles(office)] == ["Meddelande"]


def test_what_else_waits_is_counted(office: Office) -> None:
    kim = office.person(name="Kim")
    for kind in ("message", "referral", "message", "callback", "message", "callback"):
        office.item(kim, kind)
        office.now += timedelta(minutes=11)
    (entry,) = board(office).entries
    assert entry.title == "Meddelande"
    assert entry.others == [("Vill bli uppringd", 2), ("Anmälan", 1)]
