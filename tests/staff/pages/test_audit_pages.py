"""Granskning over HTTP: the log narrowed and paged, the chain, a month's sample."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from storage import audit, staff, units
from tests.staff.pages.conftest import Browser, Rooms
from tests.storage.chain_hands import tampering

HERE = "/personal/granskning"


@pytest.fixture
def reviewer(rooms: Rooms) -> Browser:
    return rooms.as_member(rooms.hire("dataskydd", "alvsbyn", name="Olle"))


def note(rooms: Rooms, by: int, action: str, ref: str, outcome: str = "ok") -> None:
    with rooms.town.store.begin() as tx:
        audit.write(tx, rooms.town.now, f"staff:{by}", action, ref, outcome)


def rows(page: str) -> list[list[str]]:
    body = page[page.index("<tbody>") : page.index("</tbody>")] if "<tbody>" in page else ""
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("</tr>")]
    return [[re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in row] for row in cells if row]


def test_the_log_says_who_when_and_what(rooms: Rooms, reviewer: Browser) -> None:
    kim = rooms.town.signed_up().standing().participant_id
    note(rooms, rooms.member("Anna"), "participant.show", f"participant:{kim}")
    page = reviewer.see(HERE)
    assert [row[1:] for row in rows(page)] == [["Anna", "Öppnade personens sida", f"P{kim}", ""]]
    assert "Inte kontrollerad än" in page
    assert rows(reviewer.see(HERE))[0][2] == "Läste den här loggen"


def test_it_is_narrowed_by_person_colleague_month_and_sort(rooms: Rooms, reviewer: Browser) -> None:
    kim = rooms.town.signed_up().standing().participant_id
    anna, erik = rooms.member("Anna"), rooms.member("Erik")
    note(rooms, anna, "participant.show", f"participant:{kim}")
    note(rooms, erik, "inbox.take", "inbox:5")
    assert [row[1] for row in rows(reviewer.see(f"{HERE}?person=P{kim}"))] == ["Anna"]
    assert f"Vem har läst om P{kim}?" in reviewer.page
    assert [row[1] for row in rows(reviewer.see(f"{HERE}?medarbetare={erik}"))] == ["Erik"]
    assert [row[1] for row in rows(reviewer.see(f"{HERE}?vad=changes&manad=2026-11"))] == ["Erik"]
    assert "Inget står i loggen" in reviewer.see(f"{HERE}?manad=2026-10")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("person=kim", "Skriv personens nummer"),
        ("medarbetare=x", "Välj en medarbetare"),
        ("manad=maj", "Välj en månad"),
    ],
)
def test_a_bad_wish_is_told_beside_its_field(reviewer: Browser, asked: str, told: str) -> None:
    page = reviewer.see(f"{HERE}?{asked}", 422)
    name = asked.partition("=")[0]
    assert told in page
    assert f'id="{name}-error"' in page
    assert 'aria-invalid="true"' in page


def test_older_lines_are_a_page_further(rooms: Rooms, reviewer: Browser) -> None:
    anna = rooms.member("Anna")
    for number in range(55):
        note(rooms, anna, "inbox.take", f"inbox:{number}")
    page = reviewer.see(f"{HERE}?vad=changes")
    assert len(rows(page)) == 50
    (older,) = re.findall(r'href="([^"]*fore=[^"]*)"', page)
    assert [row[3] for row in rows(reviewer.see(older.replace("&amp;", "&")))] == [
        f"ärende {n}" for n in range(4, -1, -1)
    ]


def test_the_chain_is_checked_at_a_press_and_a_break_is_shown(rooms: Rooms, reviewer: Browser) -> None:
    note(rooms, 7, "inbox.take", "inbox:1")
    reviewer.see(HERE)
    answer = reviewer.fill(f"{HERE}/kontrollera")
    assert "Kedjan är hel" in answer.text
    assert "Kedjan är kontrollerad." in answer.text
    with tampering(rooms.town.store) as tx:
        tx.execute(text("UPDATE audit SET actor = 'staff:8' WHERE action = 'inbox.take'"))
    page = reviewer.fill(f"{HERE}/kontrollera").text
    assert "Kedjan är bruten" in page
    assert "säger något annat än när den skrevs" in page


def test_a_sample_is_drawn_for_one_unit(rooms: Rooms, reviewer: Browser) -> None:
    kim = rooms.town.signed_up().standing().participant_id
    note(rooms, rooms.member("Anna"), "participant.show", f"participant:{kim}")
    assert "Slumpvis utvalda" not in reviewer.see(f"{HERE}/stickprov")
    page = reviewer.see(f"{HERE}/stickprov?manad=2026-11")
    assert "november 2026" in page
    assert "Slumpvis utvalda (1)" in page
    assert [row[:3] for row in rows(page)] == [["Anna", f"P{kim}", "1"]]
    assert reviewer.see(f"{HERE}/stickprov?manad=x", 422)
    assert reviewer.see(f"{HERE}/stickprov?manad=2026-11&enhet=pitea", 404)


def test_another_units_lines_are_not_shown(rooms: Rooms, reviewer: Browser) -> None:
    with rooms.town.store.begin() as tx:
        there = units.sync(tx, [units.UnitSeed("annan", "Annan", "Annan", {})], rooms.town.now)
        bo = staff.add(tx, rooms.town.now, "Bosse", [units.get_unit(tx, there[0]).id])
    note(rooms, bo, "inbox.take", "inbox:1")
    note(rooms, rooms.member("Anna"), "inbox.take", "inbox:2")
    page = reviewer.see(HERE)
    assert "Bosse" not in page
    assert "Anna" in page


def test_texts_go_by_what_they_are_called(rooms: Rooms, reviewer: Browser) -> None:
    note(rooms, rooms.member("Anna"), "text.show", "unit:1", "ok walk_and_talk/walk")
    note(rooms, rooms.member("Anna"), "text.show", "unit:1", "ok no_such/thing")
    seen = [row[-1] for row in rows(reviewer.see("/personal/granskning"))]
    assert "Fråga om en promenad" in seen
    assert "no_such/thing" in seen
