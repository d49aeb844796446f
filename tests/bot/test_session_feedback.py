"""When a session is asked about, when it is not and why staff can see that, and what is kept of the answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.actions import leaving, rating_deeds, reminding
from bot.actions import meetings as meeting_facts
from scheduler import reminders
from storage import appointments, contacts, participants, ratings, roster, staff, units
from storage.ratings import Rating
from tests.meeting_town import MeetingTown, at
from tests.scheduler.test_reminders import at_once
from tests.town import Phone

ASK_MORE = {
    "test_another_language_says_the_open_item_and_those_to_come_in_it",
    "test_it_is_asked_ten_minutes_after_the_end_and_once",
    "test_two_sweeps_at_once_ask_once",
    "test_words_open_one_and_are_not_in_it",
}
"""The tests that put to the database what no test of another file does, and those where two meet there."""
pytestmark = pytest.mark.few_on_postgres(only=ASK_MORE)

TODAY = "2026-11-23 13:30"
OPENING = "Får jag ställa fyra korta frågor om i dag?"
FIRST = "1 av 4."


@pytest.fixture
def town(meeting_town: MeetingTown) -> MeetingTown:
    return meeting_town


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def held(town: MeetingTown, phone: Phone, when: str = "2026-11-23 14:30", starts: str = TODAY) -> int:
    """A session that took place, marked at that moment; the phone shows what came of it from then on."""
    meeting = town.books(phone, starts)
    town.until(when)
    phone.new()
    town.marks(meeting, "attended")
    return meeting


def came(town: MeetingTown, phone: Phone, **later: float) -> list[str]:
    town.later(**later or {"minutes": 1})
    return phone.new()


def why_not(town: MeetingTown, meeting: int) -> str | None:
    with town.store.read() as tx:
        return rating_deeds.why_not_asked(tx, town.house, appointments.get(tx, meeting), town.now)


def rating_of(town: MeetingTown, meeting: int, role: str = "after") -> Rating:
    with town.store.read() as tx:
        found = ratings.find_of_session(tx, meeting, role)
    assert found is not None
    return found


def chooses(town: MeetingTown, **settings: object) -> None:
    with town.store.begin() as tx:
        units.set_settings(tx, units.get_unit(tx, "alvsbyn").id, ratings=settings)


def marks_person(town: MeetingTown, phone: Phone, **how: bool) -> None:
    with town.store.begin() as tx:
        who = phone.standing().participant_id
        for name, value in how.items():
            getattr(participants, f"set_{name}")(tx, who, value)
        reminding.look_again(tx, town.now, who)


# --- when -------------------------------------------------------------------------------------------------------------


def test_it_is_asked_ten_minutes_after_the_end_and_once(town: MeetingTown, kim: Phone) -> None:
    meeting = held(town, kim, "2026-11-23 14:12")
    assert came(town, kim) == []
    town.until("2026-11-23 14:20")
    (opening,) = kim.new()
    assert OPENING in opening
    assert why_not(town, meeting) is None
    town.marks(meeting, "missed")
    town.marks(meeting, "attended")
    assert not any(OPENING in text for text in came(town, kim, minutes=30))


def test_every_opening_says_who_reads_by_when_from_the_roster(town: MeetingTown, kim: Phone) -> None:
    held(town, kim)
    (opening,) = came(town, kim)
    assert "Anna läser svaren, oftast senast onsdag 25 november." in opening
    assert "ANNAN om någon annan ska läsa" in opening


def test_nobody_is_named_and_no_day_is_said_that_the_roster_has_not(town: MeetingTown, kim: Phone) -> None:
    with town.store.begin() as tx:
        roster.set_shifts(tx, units.get_unit(tx, "alvsbyn").id, [])
    held(town, kim)
    (opening,) = came(town, kim)
    assert "En av oss läser svaren. Det finns" in opening
    assert "ANNAN" not in opening


def test_marked_late_nothing_is_asked_and_the_thank_you_goes(town: MeetingTown, kim: Phone) -> None:
    with town.store.begin() as tx:
        units.set_settings(tx, units.get_unit(tx, "alvsbyn").id, reminders={"off": []})
    meeting = held(town, kim, "2026-11-23 16:30")
    assert [text for text in came(town, kim) if "Tack för i dag" in text]
    assert "för sent" in (why_not(town, meeting) or "")


def test_the_opening_takes_the_place_of_the_thank_you(town: MeetingTown, kim: Phone) -> None:
    with town.store.begin() as tx:
        units.set_settings(tx, units.get_unit(tx, "alvsbyn").id, reminders={"off": []})
    held(town, kim)
    (opening,) = came(town, kim)
    assert OPENING in opening
    assert came(town, kim, hours=3) == []


def test_who_is_in_the_middle_of_something_is_left_alone_until_it_is_too_late(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, TODAY)
    town.until("2026-11-23 15:30")
    kim.writes("promenad")
    kim.new()
    town.marks(meeting, "attended")
    assert came(town, kim) == []
    assert why_not(town, meeting) is None, "it may still be asked"
    town.until("2026-11-23 15:58")
    kim.writes("efter lunch")
    kim.new()
    assert came(town, kim, minutes=10) == []
    assert why_not(town, meeting) == "Personen var mitt i ett annat samtal tills det var för sent."


def test_when_the_other_talk_has_been_silent_for_a_while_it_is_asked_and_that_talk_comes_back(
    town: MeetingTown, kim: Phone
) -> None:
    meeting = town.books(kim, TODAY)
    town.until("2026-11-23 14:30")
    kim.writes("promenad")
    town.marks(meeting, "attended")
    kim.new()
    assert came(town, kim, minutes=20) == []
    (opening,) = came(town, kim, minutes=15)
    assert OPENING in opening
    kim.writes("nej")
    assert "Anna" in "".join(kim.writes("efter lunch")), "the walk is talked of again"


def test_the_weeks_budget_holds_it_back_for_good(town: MeetingTown, kim: Phone) -> None:
    first = held(town, kim, "2026-11-23 11:30", "2026-11-23 10:30")
    assert len(came(town, kim)) == 1
    second = held(town, kim)
    assert came(town, kim, minutes=5) == []
    assert why_not(town, first) is None
    assert why_not(town, second) == "Personen hade redan fått så många meddelanden som är lagom."


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("stopp", "Personen har skrivit STOPP."),
        ("rest", "Botens meddelanden till personen vilar efter ett larm."),
        ("protected", "Personen har skyddade uppgifter. Ring som ni har kommit överens om."),
    ],
)
def test_what_holds_the_bot_holds_the_question(town: MeetingTown, kim: Phone, how: str, why: str) -> None:
    meeting = town.books(kim, TODAY)
    if how == "stopp":
        kim.writes("STOPP")
    elif how == "rest":
        kim.writes("vill inte leva längre")
    else:
        marks_person(town, kim, protected=True)
    kim.new()
    town.until("2026-11-23 14:30")
    town.marks(meeting, "attended")
    assert came(town, kim) == []
    assert why_not(town, meeting) == why


def test_a_web_chat_that_cannot_be_reached_is_not_asked(town: MeetingTown) -> None:
    chat = town.signed_up("web", "en-flik")
    meeting = held(town, chat)
    assert came(town, chat) == []
    assert why_not(town, meeting) == "Personen skrev på ett sätt som vi inte kan nå senare."


def test_a_unit_that_does_not_ask_is_heeded(town: MeetingTown, kim: Phone) -> None:
    chooses(town, after=False)
    meeting = held(town, kim)
    assert came(town, kim) == []
    assert why_not(town, meeting) == "Enheten ställer inga frågor efter träffar i meddelanden."


def test_filled_in_at_the_meeting_it_is_not_asked_again(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, TODAY)
    town.until("2026-11-23 14:05")
    with town.store.begin() as tx:
        each = appointments.get(tx, meeting)
        rating = rating_deeds.find_or_ask(tx, town.house, each, "after", town.now, "staff_page")
        items = dict.fromkeys(town.house.scales[rating.scale].keys, 8.0)
        assert rating_deeds.give(tx, town.house, rating.id, items, None, "staff_page", town.now).total == 32.0
    kim.new()
    town.until("2026-11-23 14:30")
    town.marks(meeting, "attended")
    assert came(town, kim) == []
    assert "redan svar" in (why_not(town, meeting) or "")


def test_an_opening_that_never_went_out_asks_nothing_later(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, TODAY)
    town.until("2026-11-23 14:30")
    kim.new()
    town.dispatcher.shut("sim_sms", town.lease + timedelta(days=1))
    town.marks(meeting, "attended")
    town.later(minutes=1)
    town.later(hours=3)
    town.dispatcher.open("sim_sms")
    town.send()
    assert kim.new() == []
    assert "Vi har fått det du skrev" in kim.writes("hej")[0]


def test_who_has_left_is_not_asked(town: MeetingTown, kim: Phone) -> None:
    meeting = held(town, kim, "2026-11-23 14:12")
    with town.store.begin() as tx:
        leaving.leave(tx, town.house, kim.standing().participant_id, town.now)
    assert came(town, kim, minutes=20) == []
    assert why_not(town, meeting) == "Personen är avslutad hos er. Boten börjar inget av sig själv."


def test_two_sweeps_at_once_ask_once(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, TODAY)
    town.until("2026-11-23 14:30")
    kim.new()
    town.marks(meeting, "attended")
    at_once(*[lambda: reminders.sweep(town.store, town.house, town.now) for _ in range(3)])
    town.send()
    assert len([text for text in kim.new() if OPENING in text]) == 1


# --- whose phone it is ------------------------------------------------------------------------------------------------


def test_a_phone_that_others_read_sees_no_name_no_link_and_no_number_again(town: MeetingTown, kim: Phone) -> None:
    marks_person(town, kim, read_by_others=True)
    held(town, kim)
    said = [*came(town, kim), *kim.writes("ja"), *kim.writes("5 kanske"), *kim.writes("5")]
    said += [*kim.writes("8"), *kim.writes("8"), *kim.writes("8"), *kim.writes("hon lyssnade inte")]
    assert not any(word in text for text in said for word in ("Anna", "Erik", "/d/", "Jag skriver", "lyssnade inte"))
    assert "Lyssnade vi på dig?" in "".join(said)
    assert kim.writes("min kurva") == ["Det visar vi dig när vi ses. Fråga den du träffar hos oss."]


def test_the_morning_question_is_not_for_a_phone_that_others_read(town: MeetingTown, kim: Phone) -> None:
    chooses(town, before_by_message=True)
    marks_person(town, kim, read_by_others=True)
    meeting = town.books(kim, "2026-11-25 13:30")
    town.until("2026-11-25 10:00")
    assert not any("innan" in text for text in kim.new())
    with town.store.read() as tx:
        plan = meeting_facts.plan_of(tx, town.house, appointments.get(tx, meeting), town.now)
    assert {each.kind: each.why for each in plan.dropped}[
        "before"
    ] == "Någon annan kan läsa telefonen. Fråga när ni ses."


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_every_answer_is_kept_at_once(town: MeetingTown, kim: Phone) -> None:
    meeting = held(town, kim)
    came(town, kim)
    for text in ("ja", "7,5", "hoppa över"):
        kim.writes(text)
    rating = rating_of(town, meeting)
    assert (rating.state, rating.mode, rating.items) == ("begun", "sms", {"relation": 7.5, "goals": None})
    town.later(days=8)
    rating = rating_of(town, meeting)
    assert (rating.state, rating.total) == ("partly", None)


def test_all_answered_is_scored_and_a_missing_one_has_no_total(town: MeetingTown, kim: Phone) -> None:
    meeting = held(town, kim)
    came(town, kim)
    for text in ("ja", "7,5", "8", "0", "10"):
        kim.writes(text)
    rating = rating_of(town, meeting)
    assert (rating.state, rating.total, rating.form, rating.mark, rating.low) == ("answered", 25.5, "numbers", None, 1)
    assert rating.marks["low_item"] == 4.0


def test_a_no_is_kept_and_respected(town: MeetingTown, kim: Phone) -> None:
    meeting = held(town, kim)
    came(town, kim)
    kim.writes("vill inte")
    assert rating_of(town, meeting).state == "declined"
    assert came(town, kim, days=2) == []


def test_silence_to_the_opening_is_not_nudged_but_a_talk_half_way_is_once(town: MeetingTown, kim: Phone) -> None:
    held(town, kim)
    came(town, kim)
    assert came(town, kim, days=1) == []
    assert came(town, kim, days=1) == []
    kim.writes("ja")
    (nudge,) = came(town, kim, days=1)
    assert "Vill du fortsätta?" in nudge
    assert came(town, kim, days=1) == []
    assert came(town, kim, days=2) == []


def test_an_old_button_is_told_kindly(town: MeetingTown) -> None:
    kim = town.signed_up("sim_telegram", "77")
    held(town, kim)
    came(town, kim)
    kim.presses("Ja")
    kim.presses("8")
    old = next(value for message in kim._messages() for label, value in message.buttons if label == "8")
    assert kim.writes(old, "button") == ["Den knappen hör till en tidigare fråga. Du kan skriva svaret här i stället."]
    assert kim.presses("7")[0].startswith("3 av 4.")


def test_another_language_says_the_open_item_and_those_to_come_in_it(town: MeetingTown, kim: Phone) -> None:
    held(town, kim)
    came(town, kim)
    kim.writes("ja")
    assert kim.writes("english") == [
        "1 of 4. Did Anna listen to you? Answer with a number from 0 to 10. 0 is not at all. 10 is completely."
    ]
    assert kim.writes("8") == ["2 of 4. Did we talk about the right things? 0 is not at all. 10 is completely."]


# --- staff's task -----------------------------------------------------------------------------------------------------


def answers(town: MeetingTown, kim: Phone, *texts: str) -> int:
    meeting = held(town, kim)
    came(town, kim)
    for text in texts:
        kim.writes(text)
    return meeting


def test_a_low_answer_opens_a_task_with_a_day_on_it_and_says_nothing_more(town: MeetingTown, kim: Phone) -> None:
    answers(town, kim, "ja", "4", "5", "5", "5")
    (item,) = town.items(kim, "rating")
    assert item.note == "Personen har svarat efter promenaden i dag kl. 13.30. Minst ett svar är lågt."
    assert item.due_at == at("2026-11-25 16:00")
    kim.writes("för långt att gå")
    assert len(town.items(kim, "rating")) == 1, "one a session"


def test_just_above_the_mark_and_no_words_opens_none(town: MeetingTown, kim: Phone) -> None:
    answers(town, kim, "ja", "4,1", "5", "5", "5", "nej")
    assert town.items(kim, "rating") == []


def test_words_open_one_and_are_not_in_it(town: MeetingTown, kim: Phone) -> None:
    meeting = answers(town, kim, "ja", "9", "9", "9", "9", "gå en kortare väg")
    (item,) = town.items(kim, "rating")
    assert item.note == "Personen har svarat efter promenaden i dag kl. 13.30. Personen skrev också något."
    assert rating_of(town, meeting).comment == "gå en kortare väg"


def test_chosen_away_the_one_they_met_sees_neither_rating_nor_task(town: MeetingTown, kim: Phone) -> None:
    meeting = answers(town, kim, "annan", "2", "2", "2", "2")
    (item,) = town.items(kim, "rating")
    with town.store.read() as tx:
        anna = next(who for who, name in staff.names(tx, units.get_unit(tx, "alvsbyn").id).items() if name == "Anna")
        seen = ratings.list_of(tx, kim.standing().participant_id, for_staff=anna)
    assert seen == []
    assert rating_of(town, meeting).hidden_from == item.hidden_from == anna


def test_distress_in_the_open_answer_takes_its_road_and_ends_the_talk(town: MeetingTown, kim: Phone) -> None:
    meeting = answers(town, kim, "ja", "8", "8", "8", "8")
    said = kim.writes("orkar inte leva längre")
    assert "Ring 112" in said[0]
    assert [item.kind for item in town.items(kim)] == ["distress"]
    assert rating_of(town, meeting).state == "answered"
    assert contacts_talk(town, kim) is None


def contacts_talk(town: MeetingTown, phone: Phone) -> object:
    with town.store.read() as tx:
        return contacts.get(tx, phone.standing().contact_id).talk
