"""A walk from the word to the booking, and waiting for a time: through whole turns and sweeps, on both databases."""

from __future__ import annotations

import re
from datetime import date

import pytest

from staff import availability as free
from storage import participants, units, wishes
from storage.wishes import TimeWish
from tests.meeting_town import OPERATOR, MeetingTown, at
from tests.town import Phone

ASK_MORE = {
    "test_an_offer_that_nobody_answers_runs_out_and_goes_to_the_next",
    "test_nobody_is_asked_more_than_three_times",
}
"""The tests that put to the database what no test of another file does."""
pytestmark = pytest.mark.few_on_postgres(only=ASK_MORE)


@pytest.fixture
def town(meeting_town: MeetingTown) -> MeetingTown:
    return meeting_town


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def says(phone: Phone, *words: str) -> list[str]:
    """Write these one after another, a minute apart; give the last answer."""
    told: list[str] = []
    for each in words:
        told = phone.writes(each)
        phone.town.later(minutes=1)
    return told


def nobody_can(town: MeetingTown) -> None:
    """Staff have no time for anybody."""
    for name in ("Anna", "Erik"):
        free.set_week(town.store, town.now, OPERATOR, name, [], "alvsbyn")


def anna_can(town: MeetingTown, day: str = "2026-11-27", hours: str = "10:00-11:30") -> None:
    """Anna can one day, long enough for one walk with the way there and back."""
    free.set_day(town.store, town.now, OPERATOR, "Anna", date.fromisoformat(day), [hours], "alvsbyn")


def only(town: MeetingTown, day: str = "2026-11-27") -> None:
    """Nobody can but for one walk that day."""
    nobody_can(town)
    anna_can(town, day)


def open_wishes(town: MeetingTown) -> list[TimeWish]:
    with town.store.read() as tx:
        return wishes.list_open(tx, units.get_unit(tx, "alvsbyn").id)


def test_a_walk_is_booked_by_sms(town: MeetingTown, kim: Phone) -> None:
    assert kim.writes("promenad")[0].startswith("Ingång: Vilken tid på dagen passar dig bäst?")
    town.later(minutes=1)
    (times,) = says(kim, "2")
    assert len(re.findall(r"^\d ", times, re.MULTILINE)) == 3
    assert says(kim, "2")[0].startswith("Tack. Hur länge vill du gå?")
    assert says(kim, "20")[0].startswith("Vad vill du göra om vädret är dåligt?")
    booked = " ".join(says(kim, "1"))
    assert "Klart. " in booked
    assert "Promenaden är 20 minuter. Ni behöver inte prata hela tiden." in booked
    assert "/d/" in booked
    assert booked.endswith("Vill du ha en påminnelse samma dag? Svara JA eller NEJ.")
    assert says(kim, "ja") == ["Tack. Då påminner jag dig samma dag."]
    (meeting,) = town.meetings(kim)
    assert (meeting.minutes, meeting.answer, meeting.booked_by, meeting.place) == (20, "yes", "person", "skutan")
    assert meeting.details["plan_b"] == "indoors"
    assert "Bokade själv: promenaden" in town.notes("meeting")[0]


def test_a_walk_is_booked_by_telegram_with_a_file_for_the_calendar(town: MeetingTown) -> None:
    kim = town.signed_up("sim_telegram", "4711")
    kim.writes("kan vi ta en promenad")
    for label in ("Spelar ingen roll", "", "40 minuter", "Gå ändå", "Ja"):
        town.later(minutes=1)

        kim.presses(label or kim.buttons()[2])
    (meeting,) = town.meetings(kim)
    assert (meeting.answer, meeting.minutes) == ("yes", 40)
    assert "Här är tiden för din kalender." in kim.texts()
    assert kim.texts()[-1] == "Tack. Då påminner jag dig samma dag."


def test_fler_and_own_words_are_read_back(town: MeetingTown, kim: Phone) -> None:
    first = says(kim, "promenad", "4")[0]
    more = says(kim, "fler")[0]
    assert set(re.findall(r"^\d (.*)$", first, re.MULTILINE)) & set(re.findall(r"^\d (.*)$", more, re.MULTILINE)) <= {
        "en tid som du skriver själv"
    }
    (back,) = says(kim, "torsdag nästa vecka kl 11")
    assert back.startswith("Torsdag 3 december kl. 11")
    says(kim, "ja", "60", "3", "nej")
    (meeting,) = town.meetings(kim)
    assert (meeting.starts, meeting.minutes) == (at("2026-12-03 11:00"), 60)


def test_a_slot_that_went_meanwhile_is_no_error(town: MeetingTown, kim: Phone) -> None:
    """Between the list and the pick somebody else has taken it: others are looked for."""
    only(town, "2026-11-26")
    sam = town.signed_up(address="+46701740699", name="Sam")
    says(kim, "promenad", "4")
    meeting = town.books(sam, "2026-11-26 10:15")
    assert meeting
    (told,) = says(kim, "1")
    assert "ingen ledig tid" in told
    assert len(town.meetings(kim)) == 0


def test_where_one_of_several_went_others_are_offered(town: MeetingTown, kim: Phone) -> None:
    sam = town.signed_up(address="+46701740699", name="Sam")
    (times,) = says(kim, "promenad", "2")
    first = re.findall(r"^1 (.*), (\w+)$", times, re.MULTILINE)[0]
    town.books(sam, "2026-11-23 13:15", member=first[1])
    (told,) = says(kim, "1")
    assert told.startswith("Den tiden")
    assert "\n1 " in told


def test_a_hold_keeps_others_out_for_fifteen_minutes_and_no_longer(town: MeetingTown, kim: Phone) -> None:
    only(town, "2026-11-26")
    sam = town.signed_up(address="+46701740699", name="Sam")
    assert "26 november kl. 10.15" in says(kim, "promenad", "4")[0]
    says(kim, "1")  # held; how long is asked now
    assert "26 november kl. 10.15" not in says(sam, "promenad", "4")[0]
    town.later(minutes=15)
    says(sam, "avbryt")
    assert "26 november kl. 10.15" in says(sam, "promenad", "4")[0]
    says(sam, "1", "40", "3")
    assert len(town.meetings(sam)) == 1
    (told, *_) = says(kim, "40", "3")
    assert len(town.meetings(kim)) == 0
    assert "ingen ledig tid" in told


def test_a_hold_is_let_go_when_the_person_goes_back(town: MeetingTown, kim: Phone) -> None:
    only(town, "2026-11-26")
    sam = town.signed_up(address="+46701740699", name="Sam")
    says(kim, "promenad", "4", "1", "tillbaka")
    assert "26 november kl. 10.15" in says(sam, "promenad", "4")[0]


def _waits(town: MeetingTown, phone: Phone) -> None:
    """Nothing is free: the wish is kept."""
    told = " ".join(says(phone, "promenad", "4", "nej"))
    assert "Jag har sparat att du vill ha en tid" in told


def test_who_waited_longest_is_asked_first_and_others_not(town: MeetingTown, kim: Phone) -> None:
    nobody_can(town)
    sam = town.signed_up(address="+46701740699", name="Sam")
    _waits(town, kim)
    town.later(hours=1)
    _waits(town, sam)
    for phone in (kim, sam):
        phone.new()
    town.later(days=1)
    assert kim.new() == sam.new() == []
    anna_can(town)
    town.later(minutes=1)
    (asked,) = kim.new()
    assert "Nu finns det en ledig tid med Anna: fredag 27 november kl. 10" in asked
    assert asked.endswith("Vill du ha den? Svara JA eller INTE NU.")
    assert sam.new() == []
    says(kim, "ja", "40", "3", "nej")
    assert len(town.meetings(kim)) == 1
    assert [wish.participant_id for wish in open_wishes(town)] == [sam.standing().participant_id]
    town.later(days=5)
    assert len(town.meetings(kim)) == 1


def test_when_another_cancels_the_one_who_waits_is_asked(town: MeetingTown, kim: Phone) -> None:
    only(town)
    sam = town.signed_up(address="+46701740699", name="Sam")
    meeting = town.books(sam, "2026-11-27 10:15")
    _waits(town, kim)
    kim.new()
    town.cancels(meeting)
    town.later(minutes=1)
    (asked,) = kim.new()
    assert "Nu finns det en ledig tid" in asked


def test_an_offer_that_nobody_answers_runs_out_and_goes_to_the_next(town: MeetingTown, kim: Phone) -> None:
    nobody_can(town)
    sam = town.signed_up(address="+46701740699", name="Sam")
    _waits(town, kim)
    town.later(minutes=1)
    _waits(town, sam)
    anna_can(town)
    for phone in (kim, sam):
        phone.new()
    town.later(minutes=1)
    assert (len(kim.new()), len(sam.new())) == (1, 0)
    town.later(hours=23)
    assert sam.new() == []
    town.later(hours=1, minutes=5)
    town.later(minutes=1)
    assert len(sam.new()) == 1
    assert kim.new() == []
    (late,) = says(kim, "ja")[:1]
    assert late
    assert len(town.meetings(kim)) == 0


def test_nobody_is_asked_more_than_three_times(town: MeetingTown, kim: Phone) -> None:
    nobody_can(town)
    _waits(town, kim)
    free.set_week(town.store, town.now, OPERATOR, "Anna", ["mån-fre 10:00-11:30"], "alvsbyn")
    kim.new()
    asked = []
    for _ in range(12):
        town.later(days=1)
        asked += kim.new()
    assert len(asked) == 3
    assert open_wishes(town) == []


def test_no_thanks_to_an_offer_is_taken_kindly_and_it_is_free_again(town: MeetingTown, kim: Phone) -> None:
    nobody_can(town)
    sam = town.signed_up(address="+46701740699", name="Sam")
    _waits(town, kim)
    town.later(minutes=1)
    _waits(town, sam)
    anna_can(town)
    town.later(minutes=1)
    kim.new()
    assert says(kim, "inte nu")[0].startswith("Okej.")
    town.later(minutes=30)
    assert "Nu finns det en ledig tid" in sam.texts()[-1]


def test_who_wanted_to_move_and_found_nothing_waits_too_and_keeps_the_time(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    nobody_can(town)
    told = " ".join(says(kim, "byt", "nej"))
    assert "Du har kvar tiden torsdag 26 november kl. 13.30." in told
    town.later(minutes=5)
    assert len(open_wishes(town)) == 1
    anna_can(town)
    kim.new()
    town.later(minutes=1)
    (asked,) = kim.new()
    assert "Nu finns det en ledig tid" in asked
    says(kim, "ja", "40", "3", "nej")
    standing = [each for each in town.meetings(kim) if each.state == "booked" and each.answer == "yes"]
    assert [each.starts for each in standing] == [at("2026-11-27 10:30")]
    assert all(each.id == meeting or each.state == "cancelled" for each in town.meetings(kim))


def test_staff_offer_a_walk(town: MeetingTown, kim: Phone) -> None:
    from staff import meetings as work

    town.later(hours=1)
    work.offer(town.store, town.house, town.now, OPERATOR, kim.standing().participant_id)
    town.send()
    (asked,) = kim.new()
    assert "promenad" in asked.lower()
    says(kim, "ja", "4", "1", "40", "3", "nej")
    assert len(town.meetings(kim)) == 1


def test_where_another_reads_the_phone_no_text_says_where_or_with_whom(town: MeetingTown, kim: Phone) -> None:
    with town.store.begin() as tx:
        participants.set_read_by_others(tx, kim.standing().participant_id)
    meeting = town.books(kim, where=None)
    for words in ("när ses vi", "hittar inte", "byt", "1", "sen 10 min"):
        says(kim, words)
    town.moves(meeting, "2026-12-10 10:00")
    town.cancels(meeting)
    says(kim, "ja", "1", "promenad", "4", "1", "40", "3", "ja")
    town.later(days=14)
    for text in kim.texts():
        for secret in ("Anna", "Erik", "Skutan", "/d/", "karta", "bänken"):
            assert secret not in text, text
