"""The talk about a meeting that somebody has, played through the engine in a small world."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.commands_meetings import TellStaff
from flows.engine import Heard, Repeat
from flows.meeting_words import read_meeting_words
from tests.flows.meeting_talks import CONTEXT, FREE, WISHES, Talk, World, at

TODAY, THURSDAY, FRIDAY = at("2026-11-30 13:30"), at("2026-12-03 13:30"), at("2026-12-04 10:30")


def with_meeting(starts: str = THURSDAY, **more: Any) -> World:
    """A world where there is one meeting."""
    world = World()
    world.meets(starts, **more)
    return world


def wrote(text: str, world: World, **extra: Any) -> Talk:
    """The talk that these words begin."""
    read = read_meeting_words(text, CONTEXT)
    asked = {
        "wish": read.wish,
        "said": text,
        "minutes": read.minutes,
        "wanted": read.wanted,
        "appointment": None,
        "version": None,
    }
    return Talk("appointment", world, **asked | extra)


# --- yes and no -----------------------------------------------------------------------------------------------------


def test_a_yes_is_kept_and_read_back() -> None:
    world = with_meeting()
    talk = wrote("japp", world)
    assert talk.text() == "Tack. Då gäller torsdag kl. 13.30. Ni ses vid Skutan."
    assert world.meetings[0]["answer"] == "yes"
    assert (talk.turn.state, talk.turn.outcome) == ("finished", "yes")


def test_a_yes_after_a_no_holds() -> None:
    world = with_meeting()
    wrote("nej", world).says("inte nu")
    assert world.meetings[0]["answer"] == "no"
    assert wrote("ja", world).text() == "Tack. Då gäller torsdag kl. 13.30. Ni ses vid Skutan."
    assert world.meetings[0]["answer"] == "yes"


def test_a_yes_that_names_the_meetings_own_time_is_a_yes() -> None:
    assert wrote("ja torsdag kl 13.30 går bra", with_meeting()).turn.outcome == "yes"


def test_a_yes_that_names_another_time_is_asked_about() -> None:
    world = with_meeting()
    talk = wrote("ja fredag kl 14 passar bra", world)
    assert (
        talk.text() == "Tiden är torsdag 3 december kl. 13.30. Ni ses vid Skutan. Passar det? Svara JA, NEJ eller BYT."
    )
    assert world.meetings[0]["answer"] is None
    assert talk.says("ja") == "Tack. Då gäller torsdag kl. 13.30. Ni ses vid Skutan."


def test_a_yes_to_a_time_that_has_not_reached_them_is_asked_about() -> None:
    assert wrote("ja", with_meeting(told=False)).messages() == ["appointment/fits"]


def test_a_no_asks_once_whether_to_find_a_new_time() -> None:
    world = with_meeting()
    talk = wrote("nej", world)
    assert talk.text() == "Okej, tack för att du skriver. Vill du ha en ny tid? Svara JA eller INTE NU."
    assert world.meetings[0]["answer"] == "no"
    assert talk.says("inte nu") == "Okej. Tack för att du svarade. Du kan skriva hit när du vill ha en tid."
    assert (talk.turn.state, talk.turn.outcome) == ("finished", "no")


def test_a_no_can_lead_to_a_new_time() -> None:
    world = with_meeting()
    talk = wrote("nej", world)
    assert talk.says("ja").startswith(
        "Okej, en annan tid. Anna kan de här tiderna:\n1 i morgon kl. 9.30\n2 i morgon kl. 10.30\n3 en tid "
        "som du skriver själv"
    )
    assert (
        talk.says("1")
        == "Klart. Nu gäller i morgon kl. 9.30. Ni ses vid Skutan. Här kan du spara tiden: https://i.example/d/x"
    )
    assert [each["starts"] for each in world.meetings] == [FREE[0]]


def test_phone_meetings_say_who_calls() -> None:
    assert (
        wrote("ja", with_meeting(form="phone", where=None)).text()
        == "Tack. Då gäller torsdag kl. 13.30. Anna ringer dig."
    )


# --- another time ---------------------------------------------------------------------------------------------------


def test_a_wish_to_move_is_kept_and_offers_times() -> None:
    world = with_meeting()
    talk = wrote("byt", world)
    assert world.meetings[0]["answer"] == "move"
    assert talk.text().startswith("Okej, en annan tid. Anna kan de här tiderna:")
    assert THURSDAY not in [each["starts"] for each in talk.turn.news[-1].facts["times"]]


def test_a_yes_with_a_catch_is_a_wish_to_move() -> None:
    talk = wrote("ja men inte halv två", with_meeting())
    assert talk.messages() == ["times/times"]


def test_a_time_in_the_words_is_read_back() -> None:
    world = with_meeting()
    talk = wrote("kan vi ta fredag halv elva i stället", world)
    assert talk.text() == "Fredag 4 december kl. 10.30 med Anna, stämmer det? Svara JA eller NEJ."
    talk.says("ja")
    assert world.meetings[0]["starts"] == FRIDAY
    assert world.named("BookTime")[0].appointment == world.meetings[0]["id"]


def test_a_day_in_the_words_gets_that_days_times() -> None:
    said = wrote("kan vi ta fredag i stället", with_meeting()).text()
    assert said.startswith("De här tiderna är lediga då:\n1 fredag 4 december kl. 9.30\n2 fredag 4 december kl. 10.30")


def test_own_words_can_be_chosen_among_the_times() -> None:
    talk = wrote("byt", with_meeting())
    assert talk.says("3").startswith("Okej. Vilken dag och tid vill du ha? Skriv till exempel: torsdag efter tre.")
    assert talk.says("fredag halv elva") == "Fredag 4 december kl. 10.30 med Anna, stämmer det? Svara JA eller NEJ."


def test_where_nothing_fits_the_old_time_still_stands() -> None:
    world = with_meeting()
    talk = wrote("byt", world)
    talk.says("nej")
    assert talk.says("nej").endswith(
        "Du har kvar tiden torsdag 3 december kl. 13.30. Skriv NEJ om du inte vill ha den."
    )
    assert talk.turn.outcome == "wish_kept"


def test_a_time_that_went_while_moving_offers_others() -> None:
    world = with_meeting()
    world.lost_before_book = 1
    talk = wrote("byt", world)
    assert talk.says("1").startswith("Den tiden gick inte att få.")
    talk.says("1")
    assert talk.turn.outcome == "moved"


# --- not today ------------------------------------------------------------------------------------------------------

INSTEAD = (
    "Okej, tack för att du skriver. Vill du något av det här i stället?\n1 kortare, 20 minuter\n2 Anna ringer dig\n"
    "3 en annan dag\n4 inget i dag"
)


def test_not_today_gives_four_ways_and_asks_no_reason() -> None:
    world = with_meeting(TODAY)
    talk = wrote("orkar inte idag", world)
    assert talk.text() == INSTEAD
    assert talk.says("2") == "Jag har sagt till Anna. Du får svar senast i dag kl. 13.30. Du kan vara hemma."
    assert world.named("TellStaff") == [TellStaff("phone", "orkar inte idag", world.meetings[0]["id"])]


def test_a_shorter_walk() -> None:
    world = with_meeting(TODAY)
    talk = wrote("orkar inte idag", world)
    assert (
        talk.says("kortare")
        == "Okej. Det blir 20 minuter. Tiden är i dag kl. 13.30. Ni ses vid Skutan. Du kan gå hem när du vill."
    )
    assert world.meetings[0]["minutes"] == 20


def test_another_day_moves_the_meeting() -> None:
    talk = wrote("orkar inte idag", with_meeting(TODAY))
    assert talk.says("en annan dag").startswith("Okej, en annan tid.")


def test_another_day_is_never_the_same_day() -> None:
    world = World(free=[(TODAY, 1), (at("2026-11-30 15:00"), 1), (FREE[0], 1)])
    world.meets(TODAY)
    talk = wrote("orkar inte idag", world)
    talk.says("3")
    window = world.named("FindTimes")[0].wanted
    assert window["starts"] == at("2026-11-30 23:59")[:16] + ":59+00:00"
    assert talk.turn.news[-1].facts["times"][0]["starts"] == FREE[0]


def test_nothing_today_is_the_end_of_it() -> None:
    world = with_meeting(TODAY)
    talk = wrote("orkar inte idag", world)
    assert talk.says("4") == "Okej. Du behöver inte göra något i dag. Du kan skriva hit när du vill."
    assert world.meetings[0]["answer"] == "no"
    assert talk.turn.state == "finished"


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ({"form": "phone"}, ("another_day", "nothing")),
        ({"form": "video"}, ("phone", "another_day", "nothing")),
        ({"minutes": 20}, ("phone", "another_day", "nothing")),
        ({"form": "visit"}, ("shorter", "phone", "another_day", "nothing")),
    ],
)
def test_only_what_can_be_done_is_offered(more: Any, keys: tuple[str, ...]) -> None:
    assert wrote("orkar inte idag", with_meeting(TODAY, **more)).turn.news[-1].options == keys  # type: ignore[union-attr]


def test_not_today_about_another_day_asks_about_that_day() -> None:
    assert wrote("inte idag", with_meeting(THURSDAY)).messages() == ["appointment/fits"]


def test_orkar_inte_today_leads_to_the_same_four_ways() -> None:
    talk = Talk("hard_how", with_meeting(TODAY), said="orkar inte", meeting_today=True)
    assert talk.says("inte i dag") == INSTEAD
    assert (
        Talk("hard_how", World(), said="orkar inte")
        .says("1")
        .startswith("Okej, tack för att du skriver. Du behöver inte")
    )


# --- on the way -----------------------------------------------------------------------------------------------------


def test_late_is_told_to_the_one_who_waits() -> None:
    world = with_meeting(TODAY)
    assert (
        wrote("blir 10 min sen", world).text() == "Tack för att du skrev. Jag har sagt till Anna. Du är välkommen ändå."
    )
    assert world.named("TellStaff") == [TellStaff("late", "blir 10 min sen", world.meetings[0]["id"], 10)]


def test_off_hours_nobody_is_said_to_have_been_told() -> None:
    world = with_meeting(TODAY)
    world.staffed = False
    assert (
        wrote("blir sen", world).text()
        == "Tack för att du skrev. Det du skrev är skickat till Anna. Du är välkommen ändå."
    )


def test_lost_gets_the_place_and_how_to_find_it() -> None:
    assert wrote("hittar inte", with_meeting(TODAY)).text() == (
        "Ni ses vid Skutan. Vid den blå dörren. Karta: https://karta.example/s\nJag har sagt till Anna."
    )


def test_sick_need_not_come_and_may_have_a_new_time() -> None:
    world = with_meeting(TODAY)
    talk = wrote("är sjuk idag", world)
    assert talk.text() == "Tack för att du skrev. Du behöver inte komma. Vill du ha en ny tid? Svara JA eller INTE NU."
    assert world.meetings[0]["answer"] == "no"
    assert [each.what for each in world.named("TellStaff")] == ["sick"]
    assert talk.says("ja").startswith("Okej, en annan tid.")


def test_when_is_read_back() -> None:
    assert wrote("när ses vi", with_meeting()).text() == (
        "Torsdag 3 december kl. 13.30 har du och Anna en promenad. Ni ses vid Skutan. Vid den blå dörren. "
        "Det är 40 minuter. Karta: https://karta.example/s"
    )


def test_cancelled_by_the_person() -> None:
    world = with_meeting()
    talk = wrote("avboka", world)
    assert talk.text() == "Okej, tiden är avbokad. Vill du ha en ny tid? Svara JA eller INTE NU."
    assert not world.meetings
    talk.says("ja")
    talk.says("1")
    assert world.named("BookTime")[0].appointment is None


def test_free_words_go_to_a_person() -> None:
    world = with_meeting()
    assert wrote("får jag ta med hunden", world).text() == (
        "Tack. Anna läser det du skrev. Du får svar senast i dag kl. 13.30. Din tid gäller som förut."
    )
    assert [each.what for each in world.named("TellStaff")] == ["message"]


@pytest.mark.parametrize(
    ("text", "says", "same_day"),
    [("påminn mig samma dag", "Okej. Du får en påminnelse", True), ("inga påminnelser", "Okej. Du får inga", False)],
)
def test_reminders_are_set_by_word(text: str, says: str, same_day: bool) -> None:
    world = World()
    assert wrote(text, world).text().startswith(says)
    assert world.named("SetReminders")[0].same_day is same_day


def test_closing_words_open_nothing() -> None:
    talk = wrote("tack", with_meeting())
    assert (talk.text(), talk.turn.state, talk.world.done) == ("", "finished", [])


@pytest.mark.parametrize(
    "wish", ["yes", "no", "move", "not_today", "late", "lost", "here", "shorter", "sick", "when", "cancel", "free"]
)
def test_without_a_meeting_it_says_so_and_the_way_on(wish: str) -> None:
    talk = Talk("appointment", World(), wish=wish, said="hej")
    assert talk.text().startswith("Du har ingen tid hos oss just nu. Skriv PROMENAD om du vill boka en promenad.")
    assert talk.turn.outcome == "none_ahead"


# --- any order --------------------------------------------------------------------------------------------------------

SAID = [
    "ja", "nej", "byt", "1", "2", "3", "4", "inte idag", "10 min sen", "sjuk", "hittar inte", "när ses vi", "avboka",
    "fredag kl 10.30", "ja men inte kl 8",
    "fler", "inte nu", "tillbaka", "hoppa över", "börja om", "avbryt", "???", "påminn mig", "kortare", "ring",
    "egen tid", "tack",
]  # fmt: skip
EVENTS = st.one_of(
    st.builds(
        Heard, st.sampled_from(SAID) | st.text(max_size=20), st.sampled_from(["yes", "yes", "yes", "no", "unsure"])
    ),
    st.builds(
        Heard,
        st.just(""),
        st.just("yes"),
        st.sampled_from(["yes", "no", "move", "not_now", "t1", "own", "m2", "phone", "nothing", "shorter"]),
    ),
    st.just(Repeat()),
)
MEETINGS = st.lists(st.sampled_from([TODAY, THURSDAY, FRIDAY, FREE[9]]), max_size=3, unique=True)


@settings(deadline=None, max_examples=200)
@given(
    MEETINGS,
    st.sampled_from(WISHES),
    st.lists(st.tuples(EVENTS, st.sampled_from(["", "", "changed", "gone", "lost"])), max_size=10),
)
def test_any_order_never_raises_and_no_meeting_is_doubled(starts: list[str], wish: str, events: list[Any]) -> None:
    world = World()
    for each in starts:
        world.meets(each)
    talk = Talk("appointment", world, wish=wish, said="hej", minutes=5)
    for event, meanwhile in events:
        if talk.turn.state in ("finished", "cancelled"):
            break
        if meanwhile == "changed" and world.meetings:
            world.meetings[0] |= {"version": world.meetings[0]["version"] + 1}
        elif meanwhile == "gone" and world.meetings:
            world.past[world.meetings.pop()["id"]] = "cancelled"
        world.lost_before_hold = world.lost_before_book = int(meanwhile == "lost")
        talk.event(event)
        assert talk.turn.state != "parked", talk.turn.why
        talk.text()
    new = wish == "new_time"  # for one that is no more, beside those that are
    assert len(world.meetings) <= max(len(starts) + new, 1)
    assert len({each["id"] for each in world.meetings}) == len(world.meetings)
