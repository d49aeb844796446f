"""What the audit log says, to whom, and a month's sample of it."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from sqlalchemy import text

from rules.calendar import STOCKHOLM
from staff import audit_words
from staff.audit_log import Ask, chain, months, read_log
from staff.audit_sample import draw
from staff.people import Actor, DeskFault
from storage import audit, audit_about, participants, staff, units
from storage.audit_line import is_read
from tests.staff.conftest import OPERATOR, Office
from tests.storage.chain_hands import tampering

LOOKS = ("Läste", "Öppnade", "Sökte", "Såg", "Fyllde i")


def at(local: str) -> datetime:
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(STOCKHOLM))


def member(office: Office, name: str, *slugs: str) -> int:
    with office.store.begin() as tx:
        return staff.add(tx, office.now, name, [units.get_unit(tx, slug).id for slug in slugs])


def note(office: Office, by: int, action: str, ref: str, when: str = "2026-11-23 10:00", outcome: str = "ok") -> None:
    with office.store.begin() as tx:
        audit.write(tx, at(when), f"staff:{by}", action, ref, outcome)


def actor_of(office: Office, who: int, *slugs: str) -> Actor:
    return Actor(f"staff:{who}", who, frozenset(office.unit(slug) for slug in slugs))


@pytest.fixture
def office(office_on_both: Office) -> Office:
    return office_on_both


def test_a_line_is_told_in_words(office: Office) -> None:
    sara, kim = member(office, "Sara", "alvsbyn"), office.person(name="Kim")
    note(office, sara, "participant.show", f"participant:{kim}")
    (row,) = read_log(office.store, office.now, OPERATOR, Ask()).rows
    assert (row.who, row.what, row.whom, row.outcome) == ("Sara", "Öppnade personens sida", f"P{kim}", "")
    assert (row.person, row.outside, row.protected, row.night) == (kim, False, False, False)


def test_reading_the_log_is_in_the_log(office: Office) -> None:
    kim = office.person()
    read_log(office.store, office.now, OPERATOR, Ask())
    read_log(office.store, office.now, OPERATOR, Ask(person=kim))
    assert office.log() == [("audit.list", "audit", "ok 0"), ("audit.show", f"participant:{kim}", "ok 0")]


def test_who_has_read_about_a_person_counts_what_is_theirs(office: Office) -> None:
    sara, kim, bo = member(office, "Sara", "alvsbyn"), office.person(), office.person()
    note(office, sara, "participant.show", f"participant:{kim}")
    note(office, sara, "inbox.take", f"inbox:{office.item(kim)}")
    note(office, sara, "participant.show", f"participant:{bo}")
    note(office, sara, "inbox.list", "units")
    rows = read_log(office.store, office.now, OPERATOR, Ask(person=kim)).rows
    assert [row.action for row in rows] == ["inbox.take", "participant.show"]
    assert {row.person for row in rows} == {kim}


def test_one_who_was_joined_brings_their_lines(office: Office) -> None:
    kim, before = office.person(), office.person()
    note(office, 7, "participant.show", f"participant:{before}")
    with office.store.begin() as tx:
        audit.write(tx, office.now, "bot", "participant.join", f"participant:{kim}", f"with participant:{before}")
        assert f"participant:{before}" in audit_about.refs_of(tx, kim)


def test_it_is_narrowed_by_colleague_month_and_sort(office: Office) -> None:
    sara, erik, kim = member(office, "Sara", "alvsbyn"), member(office, "Erik", "alvsbyn"), office.person()
    note(office, sara, "participant.show", f"participant:{kim}", "2026-10-31 23:59")
    note(office, sara, "inbox.take", "inbox:1", "2026-11-01 00:00")
    note(office, erik, "participant.show", f"participant:{kim}", "2026-11-30 23:59", "refused: other unit")
    note(office, erik, "participant.show", f"participant:{kim}", "2026-12-01 00:00")

    def found(ask: Ask) -> list[str]:
        page = read_log(office.store, office.now, OPERATOR, ask)
        return [f"{row.who} {row.action}" for row in page.rows if not row.action.startswith("audit.")]

    assert found(Ask(month="2026-11")) == ["Erik participant.show", "Sara inbox.take"]
    assert found(Ask(member=sara)) == ["Sara inbox.take", "Sara participant.show"]
    assert found(Ask(sort="changes")) == ["Sara inbox.take"]
    assert len(found(Ask(sort="reads"))) == 3
    assert found(Ask(sort="refused")) == ["Erik participant.show"]
    with pytest.raises(DeskFault, match="ingen månad"):
        read_log(office.store, office.now, OPERATOR, Ask(month="november"))


def test_a_colleague_through_a_terminal_is_found_too(office: Office) -> None:
    sara = member(office, "Sara", "alvsbyn")
    with office.store.begin() as tx:
        audit.write(tx, office.now, f"staff:{sara} via os:ek", "inbox.list", "units")
        audit.write(tx, office.now, f"staff:{sara}1", "inbox.list", "units")
    (row,) = read_log(office.store, office.now, OPERATOR, Ask(member=sara)).rows
    assert row.who == "Sara, genom drift (ek)"


def test_one_sees_what_concerns_ones_own_units(office: Office) -> None:
    here, there = member(office, "Sara", "alvsbyn"), member(office, "Bo", "pitea")
    kim, ida = office.person("alvsbyn"), office.person("pitea")
    note(office, here, "participant.show", f"participant:{kim}")
    note(office, there, "participant.show", f"participant:{kim}", outcome="refused: other unit")
    note(office, there, "participant.show", f"participant:{ida}")
    note(office, here, "participant.show", f"participant:{ida}")
    rows = read_log(office.store, office.now, actor_of(office, here, "alvsbyn"), Ask()).rows
    assert [(row.who, row.person, row.outside) for row in rows] == [
        ("Sara", ida, True),
        ("Bo", kim, True),
        ("Sara", kim, False),
    ]


def test_it_is_read_a_page_at_a_time(office: Office) -> None:
    here, there = member(office, "Sara", "alvsbyn"), member(office, "Bo", "pitea")
    for number in range(60):
        note(office, here, "inbox.take", f"inbox:{number}")
        note(office, there, "inbox.take", f"inbox:{number}")
    reader = actor_of(office, here, "alvsbyn")
    first = read_log(office.store, office.now, reader, Ask(sort="changes"))
    second = read_log(office.store, office.now, reader, Ask(sort="changes", before=first.older))
    assert (len(first.rows), len(second.rows), second.older) == (50, 10, None)
    assert [row.ref for row in (*first.rows, *second.rows)] == [f"inbox:{n}" for n in range(59, -1, -1)]


def test_months_are_listed_newest_first() -> None:
    assert months(at("2026-01-01 00:00"), 3) == ["2026-01", "2025-12", "2025-11"]


# --- the chain -------------------------------------------------------------------------------------------------------


def test_the_chain_is_told_of_and_looking_is_logged(office: Office) -> None:
    note(office, 7, "inbox.take", "inbox:1")
    assert chain(office.store).at is None
    told = chain(office.store, actor=OPERATOR, now=office.now)
    assert (told.at, told.whole_at, told.bad) == (office.now, office.now, "")
    assert office.log()[-1] == ("audit.check", "audit", "ok")
    with tampering(office.store) as tx:
        tx.execute(text("UPDATE audit SET actor = 'staff:8' WHERE action = 'inbox.take'"))
    told = chain(office.store, actor=OPERATOR, now=office.now)
    assert told.bad.startswith("en rad, eller dess länk, säger något annat än när den skrevs (rad ")
    assert chain(office.store).bad == told.bad


# --- the sample ------------------------------------------------------------------------------------------------------


def test_the_sample_tells_who_read_whom_and_what_stands_out(office: Office) -> None:
    sara, bo = member(office, "Sara", "alvsbyn"), member(office, "Bo", "pitea")
    kim, hidden, ida = office.person("alvsbyn"), office.person("alvsbyn"), office.person("pitea")
    with office.store.begin() as tx:
        participants.set_protected(tx, hidden)
    note(office, sara, "participant.show", f"participant:{kim}", "2026-11-23 10:00")
    note(office, sara, "inbox.show", f"inbox:{office.item(kim)}", "2026-11-23 22:00")
    note(office, sara, "participant.show", f"participant:{hidden}", "2026-11-24 10:00", "ok named reader")
    note(office, bo, "participant.show", f"participant:{kim}", "2026-11-24 10:00", "refused: other unit")
    note(office, bo, "participant.show", f"participant:{ida}", "2026-11-24 10:00")
    note(office, sara, "participant.show", f"participant:{ida}", "2026-10-24 10:00")
    note(office, sara, "inbox.list", "units")
    note(office, sara, "audit.show", f"participant:{kim}")
    note(office, sara, "inbox.take", f"inbox:{office.item(kim)}")
    found = draw(office.store, office.now, OPERATOR, "2026-11", "alvsbyn")
    assert (found.pairs, found.reads, found.all_marked) == (3, 4, 3)
    assert [(pair.who, pair.person, pair.reads, pair.why) for pair in found.marked] == [
        ("Sara", hidden, 1, ("skyddade uppgifter",)),
        ("Bo", kim, 1, ("annan enhet",)),
        ("Sara", kim, 2, ("kväll, natt eller ledig dag: 1",)),
    ]
    assert office.log()[-1][0] == "audit.sample"


def test_the_sample_is_the_same_every_time_and_another_every_month(office: Office) -> None:
    sara = member(office, "Sara", "alvsbyn")
    people = [office.person() for _ in range(30)]
    for month in ("2026-10", "2026-11"):
        for who in people:
            note(office, sara, "participant.show", f"participant:{who}", f"{month}-12 10:00")

    def drawn(month: str) -> list[int]:
        return [pair.person for pair in draw(office.store, office.now, OPERATOR, month, "alvsbyn", 5).drawn]

    assert drawn("2026-11") == drawn("2026-11")
    assert set(drawn("2026-11")) != set(drawn("2026-10"))
    assert len(drawn("2026-11")) == 5


def test_a_sample_is_of_ones_own_unit(office: Office) -> None:
    with pytest.raises(DeskFault, match="ingen enhet pitea"):
        draw(office.store, office.now, actor_of(office, 7, "alvsbyn"), "2026-11", "pitea")
    with pytest.raises(DeskFault, match="vilken enhet"):
        draw(office.store, office.now, OPERATOR, "2026-11", "")


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        ("staff:17", "Sara"),
        ("staff:17 via os:ek", "Sara, genom drift (ek)"),
        ("staff:18", "medarbetare 18"),
        ("os:ek", "Drift (ek)"),
        ("bot", "Boten"),
        ("operator", "operator"),
    ],
)
def test_actors_are_named(actor: str, told: str) -> None:
    assert audit_words.actor_words(actor, {17: "Sara"}) == told


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("ok", ""),
        ("ok 12", "12 rader"),
        ("ok 1", "1 rad"),
        ("ok participant:8", "P8"),
        ("refused: protected", "nekad: skyddade uppgifter"),
    ],
)
def test_outcomes_are_told(outcome: str, told: str) -> None:
    assert audit_words.outcome_words(outcome) == told


@pytest.mark.parametrize(
    ("local", "night"),
    [
        ("2026-11-23 06:00", False),
        ("2026-11-23 05:59", True),
        ("2026-11-23 20:00", True),
        ("2026-11-22 12:00", True),
        ("2026-12-25 12:00", True),
    ],
)
def test_night_is_evenings_mornings_and_days_off(local: str, night: bool) -> None:
    assert audit_words.at_night(at(local)) is night


def test_every_action_has_words_and_a_verb_that_is_known() -> None:
    for action, said in audit_words.ACTION.items():
        assert re.fullmatch(r"[a-z]+(\.[a-z_]+)?", action), action
        assert said[:1].isupper(), action
        assert not is_read(action) or said.startswith(LOOKS), action
