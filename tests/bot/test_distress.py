"""Distress and violence: an answer at once, an alarm that is true, and a rest that only a human ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import conversation
from ingang.settings import StaffMember, Unit
from scheduler import sweeps
from storage import inbox, participants, staff
from storage.db import Store
from tests.town import OFFICE, STOCKHOLM, UNITS, Phone, Town

SORRY = "jag vill inte leva längre"
HURT = "min pojkvän slår mig"


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """On SQLite only: the transcripts tell the same on both databases."""
    return sqlite_store


def _at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, 0, tzinfo=STOCKHOLM).astimezone(UTC)


def _in_alvsbyn(town: Town, *, born: str | None = "03", channel: str = "sim_sms") -> Phone:
    """A phone whose person has said that they live in Älvsbyn."""
    phone = town.phone(channel)
    for word in ("hej", "ja", "kim", born or "hoppa över", "1"):
        phone.writes(word)
    return phone


def _alarmed(town: Town) -> dict[str, int]:
    return {name: len(town.device(name)) for name in ("anna", "erik", "maria", "sara") if town.device(name)}


# --- the alarm ------------------------------------------------------------------------------------------------------


def test_the_ladder_of_alarms_is_climbed_in_order(store: Store) -> None:
    town = Town(store, units=_with_manager_off(UNITS[0]))
    phone = _in_alvsbyn(town)
    phone.writes(SORRY)
    assert _alarmed(town) == {"anna": 1}
    town.later(minutes=9)
    assert _alarmed(town) == {"anna": 1}
    town.later(minutes=2)
    assert _alarmed(town) == {"anna": 1, "erik": 1}
    town.later(minutes=10)
    assert _alarmed(town) == {"anna": 1, "erik": 1, "maria": 1}
    town.later(hours=5)
    assert _alarmed(town) == {"anna": 1, "erik": 1, "maria": 1}


def _with_manager_off(unit: Unit) -> tuple[Unit, ...]:
    """Anna works; Erik and the manager do not."""
    anna, erik, maria = unit.staff
    return (replace(unit, staff=(anna, replace(erik, hours=()), maria)), UNITS[1])


@pytest.mark.parametrize("how", ["taken", "closed"])
def test_the_alarms_stop_when_somebody_has_it(store: Store, how: str) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(SORRY)
    before = _alarmed(town)
    (item,) = town.inbox("distress")
    with store.begin() as tx:
        anna = staff.list_staff(tx)[0].id
        if how == "taken":
            assert inbox.take(tx, item.id, anna, town.now)
        else:
            assert inbox.close(tx, item.id, "talked", anna, town.now)
    town.later(minutes=11)
    town.later(hours=3)
    assert _alarmed(town) == before == {"anna": 1, "erik": 1}


def test_the_alarm_says_nothing_of_the_matter(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(f"jag heter Kim och {SORRY}")
    (alarm,) = town.device("anna")
    assert alarm == "Det finns ett brådskande ärende i Ingång. Öppna inkorgen."


@pytest.mark.parametrize(
    "moment", [_at(23, 20), _at(29, 12), _at(25, 10, month=12), _at(24, 10, month=12)],
    ids=["evening", "sunday", "christmas day", "christmas eve"],
)  # fmt: skip
def test_outside_hours_no_alarm_is_claimed(store: Store, moment: datetime) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    town.now = moment
    said = " ".join(phone.writes(SORRY))
    assert "112" in said
    assert "larmat" not in said
    assert "Ingen av oss läser här förrän" in said
    assert _alarmed(town) == {}
    (item,) = town.inbox("distress")
    assert item.due_at is not None
    town.now = item.due_at
    town.later(minutes=1)
    assert _alarmed(town) == {"anna": 1, "erik": 1}


def test_on_duty_the_answer_names_whom_it_alarmed(store: Store) -> None:
    town = Town(store)
    said = " ".join(_in_alvsbyn(town).writes(SORRY))
    assert "Jag har larmat Anna och Erik." in said
    assert "till kl. 16" in said


def test_nobody_is_said_to_be_alarmed_who_has_no_device(store: Store) -> None:
    alone = Unit(
        slug="alvsbyn", name="Ingång Älvsbyn", municipality="Älvsbyn", phone="", address="", where_under_15="",
        where_over_29="", staff=(StaffMember(first_name="Anna", device="", hours=(OFFICE,)),),
    )  # fmt: skip
    town = Town(store, units=(alone,))
    phone = town.phone()
    phone.writes("hej")
    said = " ".join(phone.writes(SORRY))
    assert "112" in said
    assert "larmat" not in said
    assert len(town.inbox("distress")) == 1


def test_before_the_unit_is_known_every_unit_is_alarmed(store: Store) -> None:
    town = Town(store)
    said = " ".join(town.phone().writes(SORRY))
    assert "112" in said
    assert _alarmed(town) == {"anna": 1, "erik": 1, "sara": 1}
    (item,) = town.inbox("distress")
    assert item.unit_id is None


def test_a_known_unit_alarms_its_own_staff_only(store: Store) -> None:
    town = Town(store)
    _in_alvsbyn(town).writes(SORRY)
    assert _alarmed(town) == {"anna": 1, "erik": 1}


# --- the rest -------------------------------------------------------------------------------------------------------


def test_the_bots_own_words_rest_until_a_human_ends_it(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(SORRY)
    town.later(days=2)
    town.later(days=3)
    assert phone.new() == []
    assert phone.standing().resting_since is not None
    with store.begin() as tx:
        participants.end_rest(tx, phone.standing().participant_id)
    assert "Hur vill du ha det första gången?" in " ".join(phone.writes("jobb"))


def test_a_nudge_in_the_queue_is_taken_back(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    town.now += timedelta(days=1, hours=1)
    sweeps.wake_talks(store, town.house, town.now)
    assert [row.kind for row in town.rows("queued")] == ["follow_up"]
    phone.writes(SORRY)
    assert [row.state for row in town.rows() if row.kind == "follow_up"] == ["cancelled"]


def test_commands_still_get_answers_in_the_rest(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(SORRY)
    town.later(hours=2)
    assert "Det här är Ingång." in " ".join(phone.writes("vem är du"))
    assert "prata" in " ".join(phone.writes("prata med någon"))
    assert "uppgifter" in " ".join(phone.writes("mina uppgifter"))
    assert "BÖRJA" in " ".join(phone.writes("STOPP"))


def test_staff_may_write_in_the_rest(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(SORRY)
    conversation.say(store, town.house, phone.standing().participant_id, "Hej, det är Anna.", "staff:1", town.now)
    town.send()
    assert phone.new() == ["Hej, det är Anna."]
    assert town.inbox("distress"), "a distress case is closed by hand"


@pytest.mark.parametrize("word", ["skojade bara", "ja", "nej", "det är lugnt", "2", "kim"])
def test_no_word_ends_an_alarm(store: Store, word: str) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(SORRY)
    phone.writes(word)
    assert phone.standing().resting_since is not None
    (item,) = town.inbox("distress")
    assert item.note == f"{SORRY}\n{word}"
    assert item.urgency == 0


def test_a_picture_in_the_rest_goes_to_the_same_item(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(SORRY)
    phone.writes("", kind="voice")
    (item,) = town.inbox("distress")
    assert item.note == f"{SORRY}\n[voice]"


def test_the_rest_is_answered_at_most_once_an_hour(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(SORRY)
    assert phone.writes("jag vet inte vad jag ska göra nu") == []
    town.later(minutes=61)
    (line,) = phone.writes("det är svårt här hemma")
    assert "112" in line
    assert phone.writes("hallå där") == []


@pytest.mark.parametrize("question", ["va ska jag göra", "kan nån svara?"])
def test_a_question_in_the_rest_is_never_met_by_silence(store: Store, question: str) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes("min bror vill dö")
    (line,) = phone.writes(question)
    assert "112" in line
    assert "promenad" not in line


def test_a_repeat_gets_the_short_line_and_a_new_alarm(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    assert len(phone.writes(SORRY)) == 2
    town.later(minutes=2)
    (again,) = phone.writes("jag vill dö")
    assert "Jag har fått det du skrev." in again
    assert _alarmed(town) == {"anna": 2, "erik": 2}
    assert len(town.inbox("distress")) == 1


def test_distress_is_read_in_the_words_beside_a_picture(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    said = " ".join(phone.writes(SORRY, kind="picture"))
    assert "112" in said
    assert len(town.inbox("distress")) == 1


# --- ages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "younger_road"),
    [("2009", True), ("2008", True), ("2003", False), (None, True)],
    ids=["minor", "eighteen this year", "adult", "not told"],
)
def test_the_help_lines_fit_the_age(store: Store, born: str | None, younger_road: bool) -> None:
    town = Town(store)
    said = " ".join(_in_alvsbyn(town, born=born).writes(SORRY))
    assert ("116 111" in said) is younger_road, said


@pytest.mark.parametrize("born", ["2014", "1985"], ids=["under 15", "over 29"])
def test_outside_our_ages_distress_is_answered_all_the_same(store: Store, born: str) -> None:
    town = Town(store)
    phone = town.phone()
    for word in ("hej", "ja", "kim", born):
        phone.writes(word)
    said = " ".join(phone.writes(SORRY))
    assert "112" in said
    (item,) = town.inbox("distress")
    assert item.note == SORRY
    assert _alarmed(town) == {"anna": 1, "erik": 1, "sara": 1}


def test_the_very_first_message_may_be_distress(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes(SORRY)
    assert phone.standing().talk is None
    assert town.inbox("distress")[0].participant_id == phone.standing().participant_id


# --- violence -------------------------------------------------------------------------------------------------------


def test_violence_gets_the_neutral_answer_and_no_line(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    (said,) = phone.writes(HURT)
    assert "Ska vi skriva här?" in said
    assert "116" not in said
    assert "90" not in said.replace("0929", "")
    assert _alarmed(town) == {"anna": 1, "erik": 1}
    assert len(town.inbox("violence")) == 1


@pytest.mark.parametrize(
    ("answer", "said"), [("ja", "Då skriver vi till dig här."), ("nej", "Då skriver vi inte till dig")]
)
def test_the_one_question_after_violence_is_heard(store: Store, answer: str, said: str) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(HURT)
    town.later(seconds=40)
    assert said in " ".join(phone.writes(answer))
    assert phone.standing().resting_since is not None


@pytest.mark.parametrize("between", [[], ["ja"], ["nej"]], ids=["unanswered", "yes", "no"])
def test_violence_again_does_not_ask_again(store: Store, between: list[str]) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(HURT)
    for word in between:
        town.later(minutes=1)
        phone.writes(word)
    town.later(minutes=5)
    said = " ".join(phone.writes("han slog mig igen"))
    assert "Jag har fått det du skrev." in said
    assert "?" not in said
    assert _alarmed(town) == {"anna": 2, "erik": 2}


def test_in_the_rest_after_violence_no_line_is_named(store: Store) -> None:
    town = Town(store)
    phone = _in_alvsbyn(town)
    phone.writes(HURT)
    town.later(hours=2)
    said: Any = " ".join(phone.writes("det var värre i kväll"))
    assert "112" in said
    assert "116" not in said
    assert "90101" not in said
    assert town.inbox("distress") == []
    assert [item.note for item in town.inbox("violence")] == [f"{HURT}\ndet var värre i kväll"]
