"""What time brings for group activities: reminders, too few, how it was, and absences; twice, late, or two at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from bot.actions import activity_due
from scheduler import activities as sweeps
from storage import activities, wishes
from storage.db import Store
from tests.activity_town import GroupTown, local
from tests.town import Phone


@pytest.fixture
def town(sqlite_store: Store) -> GroupTown:
    return GroupTown(sqlite_store)


def asked(town: GroupTown, count: int = 1, **how: object) -> tuple[int, list[Phone]]:
    """An activity, and so many who have been invited and read it."""
    activity, phones = town.plans(**how), town.people(count)  # type: ignore[arg-type]
    town.invites(activity, *phones)
    for phone in phones:
        phone.new()
    return activity, phones


def test_the_day_before_those_with_a_place_are_reminded_and_those_in_doubt_are_asked(town: GroupTown) -> None:
    _, (kim, sam, alex, mika, robin) = asked(town, 5, places=1)
    for phone, word in ((kim, "ja"), (sam, "kanske"), (alex, "ja"), (mika, "nej")):
        phone.writes(word)
    town.until("2026-12-07 17:01")
    assert kim.new() == ["Ingång: Hej Kim. I morgon kl. 14 lagar vi mat hos oss. Skriv NEJ om du inte kan komma."]
    assert sam.new() == ["Ingång: Hej Sam. I morgon kl. 14 lagar vi mat hos oss. Vill du komma? Svara JA eller NEJ."]
    assert [phone.new() for phone in (alex, mika, robin)] == [[], [], []], "in line, a no, and no answer"
    assert sam.writes("ja")[-1].startswith("Det blev fullt den här gången.")


def test_no_reminder_for_whoever_wants_none_or_has_just_answered(town: GroupTown) -> None:
    _, (kim, sam) = asked(town, 2)
    kim.writes("ja")
    with town.store.begin() as tx:
        wishes.set_reminders(tx, town.now, kim.standing().participant_id, same_day=None, reminders=False)
    town.until("2026-12-07 16:00")
    sam.writes("ja")
    town.until("2026-12-08 10:00")
    assert (kim.new(), sam.new()) == ([], [])


def test_a_unit_that_has_no_reminders_the_day_before_has_none_for_groups(town: GroupTown) -> None:
    from storage import units

    _, (kim,) = asked(town)
    kim.writes("ja")
    with town.store.begin() as tx:
        unit = units.get_unit(tx, "alvsbyn")
        units.set_settings(tx, unit.id, reminders={"off": ["day_before"]})
    town.until("2026-12-08 10:00")
    assert kim.new() == []


def test_sweeps_one_after_another_and_two_at_once_say_everything_once(store: Store) -> None:
    town = GroupTown(store)
    _, phones = asked(town, 4, places=3, least=4)
    for phone in phones:
        phone.writes("ja")
    town.now = local("2026-12-07 17:01")
    threads = [threading.Thread(target=sweeps.sweep, args=(store, town.house, town.now)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    town.sweep()
    assert [len(phone.new()) for phone in phones] == [1, 1, 1, 0]
    assert len([note for note in town.notes("meeting") if "Minst 4 behövs" in note]) == 1
    rows = len(town.rows())
    for _ in range(3):
        town.later(seconds=5)
    assert len(town.rows()) == rows


def test_too_few_by_the_last_day_is_for_staff_to_choose_once(town: GroupTown) -> None:
    activity, (kim, sam) = asked(town, 2)
    kim.writes("ja")
    sam.writes("kanske")
    town.until("2026-12-04 16:59")
    assert town.notes("meeting") == []
    town.until("2026-12-04 17:00")
    (note,) = town.notes("meeting")
    assert note == (
        "1 har sagt ja till gruppen tisdag 8 december kl. 14 (lagar vi mat hos oss). Minst 3 behövs. "
        "Välj: håll den ändå, flytta den eller ställ in den. Erik leder."
    )
    assert [item.participant_id for item in town.inbox("meeting")] == [None]
    town.changes(activity, leader=None)
    sam.writes("nej")
    town.later(hours=2)
    assert len(town.notes("meeting")) == 1


def test_enough_is_nobodys_errand(town: GroupTown) -> None:
    _, phones = asked(town, 3)
    for phone in phones:
        phone.writes("ja")
    town.until("2026-12-05 10:00")
    assert town.notes("meeting") == []


def test_after_days_down_nothing_old_is_sent_and_staff_have_it_listed(town: GroupTown) -> None:
    _, (kim, sam) = asked(town, 2)
    kim.writes("ja")
    sam.writes("kanske")
    town.until("2026-12-08 15:00")
    assert (kim.new(), sam.new()) == ([], [])
    (note,) = town.notes("expired")
    assert note.startswith("Påminnelsen dagen före hann inte gå ut och skickas inte nu: gruppen i dag kl. 14")
    assert "2 personer" in note


def test_how_it_was_is_asked_once_of_those_who_were_there(town: GroupTown) -> None:
    activity, (kim, sam, alex) = asked(town, 3)
    for phone in (kim, sam, alex):
        phone.writes("ja")
    town.until("2026-12-08 14:05")
    town.notes_attendance(activity, kim)
    town.notes_attendance(activity, sam, present=False)
    for phone in (kim, sam, alex):
        phone.new()
    town.until("2026-12-08 17:01")
    assert kim.new() == [
        "Ingång: Hej Kim. Hur var det i dag? Svara med en siffra från 1 till 5. 1 är inte bra. 5 är mycket bra."
    ]
    town.until("2026-12-08 20:00")
    town.notes_attendance(activity, alex)  # noted afterwards, and after the hours when we write
    town.until("2026-12-09 09:05")
    assert alex.new()[-1].startswith("Ingång: Hej Alex. Hur var det i går?")
    town.until("2026-12-13 12:00")
    assert (kim.new(), sam.new(), alex.new()) == ([], [], []), "who was away is asked nothing"
    assert alex.writes("4 kanske")[-1].endswith("Hej! Det här är Ingång. Vi har fått det du skrev förut.") is False
    assert town.there(activity).state == "held"


def test_a_number_answers_how_it_was_and_words_go_to_staff(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    kim.writes("ja")
    town.until("2026-12-08 14:05")
    town.notes_attendance(activity, kim)
    town.until("2026-12-08 17:01")
    assert kim.writes("fyra")[-1] != "Tack för att du svarade."
    assert kim.writes("4!")[-1] == "Tack för att du svarade."
    assert town.theirs(activity, kim).how_was_it == 4
    assert kim.writes("det var fint men lite högljutt för mig")[-1].startswith("Tack")
    assert town.items(kim, "message") != []


def test_how_it_was_waits_for_a_day_that_is_not_red(town: GroupTown) -> None:
    activity, (kim,) = asked(town, starts="2026-12-12 17:00")  # a Saturday evening
    kim.writes("ja")
    town.until("2026-12-12 17:10")
    town.notes_attendance(activity, kim)
    kim.new()
    town.until("2026-12-13 12:00")
    assert kim.new() == []
    town.until("2026-12-14 09:01")
    assert len(kim.new()) == 1


def test_three_times_away_in_a_row_is_one_gentle_question_to_staff(town: GroupTown) -> None:
    (kim,) = town.people(1)
    for week in range(4):
        day = local("2026-12-02 14:00") + timedelta(weeks=week)
        activity = town.plans(f"{day:%Y-%m-%d} 14:00")
        town.invites(activity, kim)
        kim.writes("ja")
        town.until(f"{day:%Y-%m-%d} 14:05")
        town.notes_attendance(activity, kim, present=False)
        kim.new()
        town.until(f"{day + timedelta(days=3):%Y-%m-%d} 12:00")
        asks = [note for note in town.notes("meeting") if note.startswith("Har sagt ja till grupper tre gånger")]
        assert len(asks) == (0 if week < 2 else 1)
        assert kim.new() == [], "nothing is said to whoever was away"


def test_once_there_the_count_begins_anew(town: GroupTown) -> None:
    (kim,) = town.people(1)
    for week, present in enumerate((False, False, True, False, False)):
        day = local("2026-12-02 14:00") + timedelta(weeks=week)
        activity = town.plans(f"{day:%Y-%m-%d} 14:00")
        town.invites(activity, kim)
        kim.writes("ja")
        town.until(f"{day:%Y-%m-%d} 14:05")
        town.notes_attendance(activity, kim, present=present)
        town.until(f"{day + timedelta(days=3):%Y-%m-%d} 12:00")
    assert not [note for note in town.notes("meeting") if note.startswith("Har sagt ja till grupper")]


def test_one_that_cannot_be_looked_at_holds_up_no_other_and_is_tried_again(
    town: GroupTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, (kim,) = asked(town)
    fine = town.plans("2026-12-08 10:00", title="går vi ut")
    (sam,) = town.people(1)
    town.invites(fine, sam)
    kim.writes("ja")
    sam.writes("ja")
    real = activity_due.look

    def look(tx, house, each, now):  # type: ignore[no-untyped-def]
        if each.id == broken:
            raise ValueError("broken")
        return real(tx, house, each, now)

    monkeypatch.setattr(activity_due, "look", look)
    town.until("2026-12-07 17:01")
    assert (len(kim.new()), len(sam.new())) == (0, 1)
    monkeypatch.setattr(activity_due, "look", real)
    town.later(minutes=5)
    assert (len(kim.new()), len(sam.new())) == (1, 0)


def test_an_idle_sweep_writes_nothing(town: GroupTown) -> None:
    activity, _ = asked(town)
    town.until("2026-12-11 12:00")
    assert sweeps.sweep(town.store, town.house, town.now) == 0
    with town.store.read() as tx:
        assert not activities.any_due(tx, town.now + timedelta(days=30))
        assert activities.get(tx, activity).look_at is None
