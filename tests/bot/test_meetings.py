"""Somebody has a meeting: what they write or press about it, through a whole turn, on both databases."""

from __future__ import annotations

import pytest

from tests.meeting_town import MeetingTown, at, press
from tests.town import Phone

PAGE = "http://127.0.0.1:8800/d/"


@pytest.fixture
def town(meeting_town: MeetingTown) -> MeetingTown:
    return meeting_town


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def flow_of(phone: Phone) -> str | None:
    """Which talk is in the foreground."""
    talk = phone.standing().talk
    return None if talk is None else talk.flow


def test_a_booking_is_told_and_a_yes_is_kept(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    (told,) = kim.new()
    assert "Hej Kim. Torsdag 26 november kl. 13.30 har du och Anna en promenad. Ni ses vid Skutan." in told
    assert PAGE in told
    assert told.endswith("Passar det? Svara JA, NEJ eller BYT.")
    assert town.stands(meeting) == "inte svarat"
    assert kim.writes("ja") == ["Tack. Då gäller torsdag kl. 13.30. Ni ses vid Skutan."]
    assert town.stands(meeting) == "bekräftad"
    assert town.inbox() == []


def test_a_no_is_asked_about_once_and_kindly(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    kim.new()
    (answer,) = kim.writes("nej")
    assert answer.endswith("Vill du ha en ny tid? Svara JA eller INTE NU.")
    assert town.stands(meeting) == "tackat nej"
    town.later(minutes=1)
    assert kim.writes("inte nu") == ["Okej. Tack för att du svarade. Du kan skriva hit när du vill ha en tid."]
    assert town.notes("meeting") == ["Personen tackade nej till promenaden torsdag 26 november kl. 13.30."]


@pytest.mark.parametrize("words", [("byt",), ("nej", "ja"), ("ja men inte halv två",), ("ja men inte kl 8",)])
def test_another_time_is_offered_and_taken(town: MeetingTown, kim: Phone, words: tuple[str, ...]) -> None:
    """A yes with a catch is a wish to move, too."""
    meeting = town.books(kim)
    for each in words:
        kim.writes(each)
        town.later(minutes=1)
    assert "en tid som du skriver själv" in kim.texts()[-1]
    (told,) = kim.writes("2")
    moved = town.meeting(meeting)
    assert (moved.version, moved.answer, moved.starts != at("2026-11-26 13:30")) == (2, "yes", True)
    assert told.startswith("Klart. Nu gäller ")
    assert "Flyttade sin tid från torsdag 26 november kl. 13.30 till" in town.notes("meeting")[0]
    town.later(days=1)
    assert not any("torsdag" in text.lower() for text in kim.texts()[3 + len(words) :])


def test_ja_after_nej_holds_and_is_read_back(town: MeetingTown, kim: Phone) -> None:
    """The last answer counts, and staff see that it changed."""
    meeting = town.books(kim)
    kim.writes("nej")
    town.later(minutes=1)
    kim.writes("inte nu")
    town.later(hours=1)
    assert kim.writes("jo jag kommer") == ["Tack. Då gäller torsdag kl. 13.30. Ni ses vid Skutan."]
    assert town.stands(meeting) == "bekräftad"
    assert any("Ändrade sig: kommer till promenaden" in note for note in town.notes("meeting"))


INSTEAD = {
    "1": ("kortare", "Okej. Det blir 20 minuter. Tiden är i dag kl. 14.30.", "bekräftad"),
    "2": ("Anna", "Jag har sagt till Anna.", "bekräftad"),
    "3": ("annan dag", "Anna kan de här tiderna:", "vill ha en annan tid"),
    "4": ("inget", "Okej. Du behöver inte göra något i dag.", "tackat nej"),
}


@pytest.mark.parametrize("choice", list(INSTEAD))
def test_not_today_has_four_ways_and_asks_for_no_reason(town: MeetingTown, kim: Phone, choice: str) -> None:
    meeting = town.books(kim, "2026-11-23 14:30")
    kim.writes("ja")
    town.later(hours=1)
    (asked,) = kim.writes("orkar inte idag")
    assert "Vill du något av det här i stället?" in asked
    assert "varför" not in asked.lower()
    word, told, stands = INSTEAD[choice]
    assert word in next(line for line in asked.splitlines() if line.startswith(choice))
    town.later(minutes=1)
    (answer,) = kim.writes(choice)
    assert told in answer
    assert town.stands(meeting) == stands
    now = town.meeting(meeting)
    assert (now.minutes, now.starts) == (20 if choice == "1" else 40, at("2026-11-23 14:30"))


def test_a_call_instead_is_to_be_answered_by_staff_before_the_meeting(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, "2026-11-23 14:30")
    kim.writes("orkar inte idag")
    kim.writes("2")
    (item,) = town.inbox("callback")
    assert item.due_at == at("2026-11-23 14:30")
    assert "vill bli uppringd" in (item.note or "")


def test_late_lost_and_when_are_answered_and_change_nothing(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 14:30")
    kim.writes("ja")
    town.later(hours=3)
    assert kim.writes("sen 10 min") == ["Tack för att du skrev. Jag har sagt till Anna. Du är välkommen ändå."]
    assert "Blir sen 10 min till promenaden i dag kl. 14.30." in town.notes("meeting")[0]
    town.later(hours=1, minutes=40)
    (where,) = kim.writes("hittar inte")
    assert where.startswith("Ni ses vid Skutan. Vi väntar vid bänken. Karta: https://karta.example/skutan")
    assert "Hittar inte till promenaden" in town.notes("callback")[0]
    (told,) = kim.writes("när ses vi")
    assert "kl. 14.30 har du och Anna en promenad." in told
    assert town.stands(meeting) == "bekräftad"


def test_sick_needs_not_come_and_may_have_a_new_time(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    kim.new()
    (answer,) = kim.writes("är sjuk")
    assert answer == "Tack för att du skrev. Du behöver inte komma. Vill du ha en ny tid? Svara JA eller INTE NU."
    assert town.stands(meeting) == "tackat nej"
    assert "Är sjuk och kommer inte till promenaden" in town.notes("meeting")[0]
    town.later(minutes=1)
    assert "Anna kan de här tiderna:" in kim.writes("ja")[0]


def test_an_answer_that_comes_when_it_has_begun_goes_to_staff(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 13:30")
    town.until("2026-11-23 13:40")
    kim.new()
    (answer,) = kim.writes("ja")
    assert answer.startswith("Tack för att du skrev. Tiden har redan börjat.")
    assert town.stands(meeting) == "inte svarat"


def test_an_answer_after_it_is_over_opens_nothing_wrong(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 13:30")
    town.until("2026-11-24 10:00")
    kim.new()
    (answer,) = kim.writes("ja")
    assert town.meeting(meeting).answer is None
    assert "Passar det" not in answer


def test_a_button_of_the_old_time_says_what_holds_now(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    town.moves(meeting, "2026-11-27 10:00")
    kim.new()
    (answer,) = press(kim, meeting, 1, "yes")
    assert answer.startswith("Tiden är ändrad. Nu gäller fredag 27 november kl. 10.")
    assert town.meeting(meeting).answer is None
    town.later(minutes=1)
    assert kim.writes("ja") == ["Tack. Då gäller fredag kl. 10. Ni ses vid Skutan."]
    assert town.meeting(meeting).answer == "yes"


@pytest.mark.parametrize("word", ["ja", "nej", "byt"])
def test_words_to_an_old_time_say_what_holds_now(town: MeetingTown, kim: Phone, word: str) -> None:
    """Moved in the evening: word of it waits for the morning, and a yes never answers what has not been seen."""
    meeting = town.books(kim)
    town.until("2026-11-23 20:00")
    kim.new()
    town.moves(meeting, "2026-11-27 10:00")
    assert kim.new() == []
    (answer,) = kim.writes(word)
    assert answer.startswith("Tiden är ändrad. Nu gäller fredag 27 november kl. 10.")
    assert town.meeting(meeting).answer is None


def test_with_two_meetings_open_it_asks_which(town: MeetingTown, kim: Phone) -> None:
    first, second = town.books(kim), town.books(kim, "2026-11-30 10:00", form="telefon")
    kim.new()
    (asked,) = kim.writes("ja")
    assert "torsdag 26 november kl. 13.30" in asked
    assert "måndag 30 november kl. 10" in asked
    assert (town.stands(first), town.stands(second)) == ("inte svarat", "inte svarat")
    town.later(minutes=1)
    assert kim.writes("2") == ["Tack. Då gäller måndag 30 november kl. 10. Anna ringer dig."]
    assert (town.stands(first), town.stands(second)) == ("inte svarat", "bekräftad")
    town.later(hours=1)
    kim.writes("ja")  # the only one that asks
    assert town.stands(first) == "bekräftad"


def test_each_of_two_meetings_is_answered_by_its_own_button(town: MeetingTown) -> None:
    kim = town.signed_up("sim_telegram", "4711")
    first, second = town.books(kim), town.books(kim, "2026-11-30 10:00")
    press(kim, second, 1, "no")
    press(kim, first, 1, "yes")
    assert (town.stands(first), town.stands(second)) == ("bekräftad", "tackat nej")


def test_a_cancelled_meeting_that_is_answered_yes_says_so_and_offers_a_new_time(town: MeetingTown, kim: Phone) -> None:
    """A yes to "do you want a new time?" and a yes to the meeting are the same word: the last that was asked counts."""
    meeting = town.books(kim)
    kim.new()
    town.cancels(meeting)
    (told,) = kim.new()
    assert told.startswith("Hej Kim. Anna kan inte komma torsdag 26 november kl. 13.30. Det beror inte på dig.")
    assert told.endswith("Vill du ha en ny tid? Svara JA eller INTE NU.")
    assert "ledig" in kim.writes("ja")[0] or "kan de här tiderna" in kim.texts()[-1]
    assert town.stands(meeting) == "avbokad av oss"


def test_a_cancelled_meetings_old_button_is_answered_plainly(town: MeetingTown) -> None:
    kim = town.signed_up("sim_telegram", "4711")
    meeting = town.books(kim)
    town.cancels(meeting)
    kim.new()
    (answer,) = press(kim, meeting, 1, "yes")
    assert answer.startswith("Den tiden är redan avbokad. Vill du ha en ny tid?")
    assert town.stands(meeting) == "avbokad av oss"


def test_a_person_who_cancels_is_asked_about_a_new_time_and_staff_see_it(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    kim.new()
    (answer,) = kim.writes("avboka")
    assert answer == "Okej, tiden är avbokad. Vill du ha en ny tid? Svara JA eller INTE NU."
    assert town.stands(meeting) == "avbokad av personen"
    assert town.notes("meeting") == ["Avbokade promenaden torsdag 26 november kl. 13.30."]


def test_near_the_start_staff_are_told_to_ring(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, "2026-11-23 12:30")
    kim.writes("avboka")
    assert town.notes("callback")[0].endswith("Det är mindre än tre timmar kvar: ring också.")


def test_a_button_counts_whatever_is_talked_of_and_that_talk_comes_back(town: MeetingTown) -> None:
    """Kim is in the middle of writing about a brother, and presses a button of a meeting that was moved."""
    kim = town.signed_up("sim_telegram", "4711")
    meeting = town.books(kim)
    town.later(hours=1)
    kim.writes("min lillebror sitter bara hemma")
    question = kim.texts()[-1]
    town.later(minutes=1)
    town.moves(meeting, "2026-11-27 10:00")
    kim.new()
    (answer,) = press(kim, meeting, 1, "yes")
    assert answer.startswith("Tiden är ändrad.")
    town.later(minutes=1)
    assert kim.presses("Ja")[0] == "Tack. Då gäller fredag kl. 10. Ni ses vid Skutan."
    assert flow_of(kim) == "for_someone_else"
    town.later(minutes=1)
    assert question not in kim.writes("nej")
    assert flow_of(kim) == "for_someone_else"


def test_an_offer_of_a_new_time_is_answered_before_the_talk_that_was_open(town: MeetingTown, kim: Phone) -> None:
    """The last thing that was asked is what a yes answers; then the other talk goes on."""
    meeting = town.books(kim)
    town.later(hours=1)
    kim.writes("min lillebror sitter bara hemma")
    town.later(minutes=1)
    town.cancels(meeting)
    town.later(minutes=1)
    assert kim.writes("inte nu")[-1].startswith("Okej. Tack för att du svarade.")
    assert flow_of(kim) == "for_someone_else"
    town.later(minutes=1)
    kim.writes("ja")
    assert flow_of(kim) == "for_someone_else"
    assert "tider" not in kim.texts()[-1]


def test_a_change_is_answered_before_an_older_question_about_the_meeting(town: MeetingTown, kim: Phone) -> None:
    """ "Vill du ha en ny tid?" was never answered, and staff moved it meanwhile: a yes is to the new time."""
    meeting = town.books(kim)
    kim.writes("nej")
    town.later(hours=1)
    town.moves(meeting, "2026-11-27 10:00")
    town.later(minutes=1)
    kim.new()
    assert kim.writes("ja") == ["Tack. Då gäller fredag kl. 10. Ni ses vid Skutan."]
    assert town.stands(meeting) == "bekräftad"


def test_a_button_in_an_open_sign_up_question_takes_nothing_from_it(town: MeetingTown) -> None:
    kim = town.signed_up("sim_telegram", "4711")
    meeting = town.books(kim)
    town.later(hours=1)
    kim.writes("hej")
    assert flow_of(kim) == "already_signed_up"
    kim.new()
    assert press(kim, meeting, 1, "yes") == ["Tack. Då gäller torsdag kl. 13.30. Ni ses vid Skutan."]
    assert flow_of(kim) == "already_signed_up"


def test_another_persons_button_does_nothing(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    sam = town.signed_up("sim_telegram", "4712", "Sam")
    answer = press(sam, meeting, 1, "yes")
    assert "torsdag" not in " ".join(answer)
    assert "Anna" not in " ".join(answer)
    assert town.meeting(meeting).answer is None
    for odd in (
        "m:1:1:yes",
        f"m:{meeting}:yes",
        f"m:{meeting}:1:drop",
        "m:::",
        f"m:{meeting}:99:yes",
        f"m:{10**30}:1:yes",
    ):
        told = sam.writes(odd, "button")
        assert sam.report.state == "handled"
        assert told
        assert "Anna" not in " ".join(told)
    assert town.meeting(meeting).answer is None


def test_free_words_with_a_meeting_ahead_change_nothing(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    kim.writes("kan jag ta med min hund")
    assert town.stands(meeting) == "inte svarat"
    assert town.items(kim)


def test_closing_words_after_a_yes_open_nothing(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    kim.writes("ja")
    kim.new()
    town.later(minutes=1)
    assert kim.writes("tack") == []
    assert town.stands(meeting) == "bekräftad"


def test_who_will_not_meet_one_of_us_is_answered_by_another(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    kim.new()
    (answer,) = kim.writes("jag vill inte träffa Anna")
    assert answer.startswith("Okej. Tack för att du säger det. Du behöver inte komma till den tiden.")
    assert "Någon annan än Anna svarar dig senast" in answer
    assert town.stands(meeting) == "tackat nej"
    (item,) = [each for each in town.inbox() if "Vill inte träffa" in (each.note or "")]
    assert item.hidden_from == town.meeting(meeting).staff_id


def test_a_number_after_ring_me_stands_beside_that_wish(town: MeetingTown, kim: Phone) -> None:
    kim.writes("kan ni ringa mig?")
    town.later(minutes=30)
    assert kim.writes("070-174 06 99") == ["Tack. Jag har skrivit upp numret till den som ringer."]
    (item,) = [each for each in town.inbox() if each.kind == "callback"]
    assert item.note == "kan ni ringa mig?\n070-174 06 99"
