"""The talk that books a walk, played through the engine in a small world."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.commands_meetings import BookTime
from flows.engine import Heard, Repeat, Wake
from tests.flows.meeting_talks import FREE, Talk, World, at


def begun(*said: str, world: World | None = None, **extra: Any) -> Talk:
    """A talk about a walk in which these things were said."""
    talk = Talk("walk_and_talk", world or World(), **{"asked_by": "person", "said": "promenad"} | extra)
    for text in said:
        talk.says(text)
    return talk


def test_a_walk_is_booked_in_few_words() -> None:
    talk = begun()
    assert talk.text() == (
        "Vilken tid på dagen passar dig bäst?\n1 förmiddag\n2 efter lunch\n3 senare\n4 spelar ingen roll"
    )
    assert talk.says("2") == (
        "Anna kan de här tiderna:\n1 i morgon kl. 13\n2 i morgon kl. 14.15\n3 onsdag 2 december kl. 13\n"
        "Svara med en siffra, FLER eller en egen tid."
    )
    assert talk.says("3") == "Tack. Hur länge vill du gå? Svara 20, 40 eller 60 minuter."
    assert talk.says("40") == "Vad vill du göra om vädret är dåligt?\n1 ses inomhus\n2 prata i telefon\n3 gå ändå"
    booked = talk.says("ring")
    assert booked == (
        "Klart. Onsdag 2 december kl. 13 har du och Anna en promenad. Ni ses vid Skutan. Promenaden är 40 minuter. "
        "Ni behöver inte prata hela tiden. Här kan du spara tiden: https://i.example/d/x\n"
        "Vill du ha en påminnelse samma dag? Svara JA eller NEJ."
    )
    assert talk.says("ja") == "Tack. Då påminner jag dig samma dag."
    assert (talk.turn.state, talk.turn.outcome) == ("finished", "booked")
    command = talk.world.named("BookTime")[0]
    assert command == BookTime("walk_and_talk", 40, at("2026-12-02 13:00"), 1, "skutan", "", "phone")
    assert talk.world.named("SetReminders")[0].same_day is True


def test_a_walk_is_booked_by_buttons() -> None:
    talk = Talk("walk_and_talk", World(), style="chat", asked_by="person")
    assert talk.text() == "Vilken tid på dagen passar dig bäst?"
    assert talk.presses("later") == "Anna kan de här tiderna. Välj en, eller skriv en egen tid."
    talk.presses("t1")
    talk.presses("short")
    talk.presses("none")
    assert talk.messages() == ["walk_and_talk/booked", "walk_and_talk/reminder"]
    talk.presses("no")
    assert talk.world.meetings[0]["minutes"] == 20


@pytest.mark.parametrize("word", ["senare", "Senare tack", "3"])
def test_senare_is_a_part_of_the_day_and_no_rest(word: str) -> None:
    talk = begun(word)
    assert talk.messages() == ["times/times"]
    assert talk.world.named("FindTimes")[0].part == "later"


def test_inte_nu_rests_where_it_is_no_choice() -> None:
    talk = begun("inte nu")
    assert talk.turn.state == "resting"


def test_fler_shows_others_and_never_the_same() -> None:
    talk = begun("4")
    seen = []
    for _ in range(4):
        seen += [each["starts"] for each in talk.turn.news[-1].facts["times"]]
        talk.says("fler")
    assert len(seen) == len(set(seen)) == 9


def test_fler_until_there_are_none_asks_for_a_time() -> None:
    world = World(free=[(FREE[0], 1), (FREE[1], 1)])
    talk = begun("4", "fler", world=world)
    assert talk.text().startswith("Jag hittar ingen ledig tid just nu. Vilken dag och tid vill du ha?")


def test_own_words_are_read_back_before_they_count() -> None:
    talk = begun("2")
    assert (
        talk.says("torsdag nästa vecka efter tre?")
        == "Torsdag 10 december kl. 15.15 med Anna, stämmer det? Svara JA eller NEJ."
    )
    assert not talk.world.named("HoldTime")
    talk.says("ja")
    assert talk.messages() == ["walk_and_talk/length"]
    assert talk.world.named("HoldTime")[0].starts == at("2026-12-10 15:15")


def test_a_no_to_the_time_read_back_offers_others() -> None:
    talk = begun("2", "torsdag nästa vecka efter tre", "nej")
    assert talk.messages() == ["times/times"]
    assert at("2026-12-10 15:15") not in [each["starts"] for each in talk.turn.news[-1].facts["times"]]


def test_a_wide_wish_gets_a_list() -> None:
    assert begun("1").says("nästa vecka").startswith("De här tiderna är lediga då:\n1 måndag 7 december kl. 9.30")


def test_a_wish_that_cannot_be_met_gets_what_is_nearest() -> None:
    said = begun("1").says("lördag kl 20")
    assert said.startswith("Det finns ingen ledig tid då. De här är närmast:\n1 ")


def test_a_time_in_the_first_words_skips_the_part_of_the_day() -> None:
    from flows.asks_times import wanted_in
    from tests.flows.meeting_talks import CONTEXT

    talk = begun(wanted=wanted_in("promenad på fredag kl 10.30", CONTEXT))
    assert talk.text() == "Fredag 4 december kl. 10.30 med Anna, stämmer det? Svara JA eller NEJ."


def test_a_time_that_somebody_took_is_no_error() -> None:
    talk = begun("2", world=World(lost_before_hold=1))
    assert talk.says("1").startswith("Den tiden gick inte att få. Anna kan de här tiderna:\n1 ")
    assert at("2026-12-01 13:00") not in [each["starts"] for each in talk.turn.news[-1].facts["times"]]


def test_a_booking_that_fails_offers_others_and_asks_nothing_twice() -> None:
    talk = begun("2", "1", "60", world=World(lost_before_book=1))
    assert talk.says("gå ändå").startswith("Den tiden gick inte att få.")
    talk.says("1")
    assert talk.messages() == ["walk_and_talk/booked", "walk_and_talk/reminder"]
    assert talk.world.named("BookTime")[-1].minutes == 60


def test_nothing_fits_keeps_the_wish() -> None:
    talk = begun("2", "fler", "nej", "nej")
    assert talk.text() == (
        "Det finns ingen ledig tid som passar just nu. Jag har sparat att du vill ha en tid, "
        "och frågar när en blir ledig. "
        "Anna eller Erik skriver till dig senast fredag 4 december."
    )
    assert (talk.turn.state, talk.turn.outcome) == ("finished", "wish_kept")
    assert talk.world.named("KeepWish")[0].part == "after_lunch"


def test_without_any_free_time_a_wish_is_kept() -> None:
    talk = begun("2", world=World(free=[]))
    assert talk.messages() == ["times/own_time"]
    talk.says("torsdag kl 10")
    assert talk.turn.outcome == "wish_kept"
    assert talk.world.named("KeepWish")[0].words == "torsdag kl 10"


def test_a_wish_that_waited_is_one_yes_or_no() -> None:
    world = World()
    offer = {"starts": FREE[3], "ends": FREE[3], "staff": 1, "name": "Anna", "place": "skutan", "where": "Skutan"}
    talk = Talk("walk_and_talk", world, asked_by="wish", offer=offer)
    assert talk.text() == (
        "Hej Kim. Nu finns det en ledig tid med Anna: i morgon kl. 14.15. Ni ses vid Skutan. Det är 40 minuter. "
        "Vill du ha den? Svara JA eller INTE NU."
    )
    talk.says("ja")
    assert talk.messages() == ["walk_and_talk/length"]
    assert (
        Talk("walk_and_talk", world, asked_by="wish", offer=offer)
        .says("inte nu")
        .startswith("Okej. Tack för att du svarade.")
    )


@pytest.mark.parametrize(
    ("said", "next_message"),
    [("hellre på onsdag", "times/times"), ("kanske nästa vecka", "times/times"), ("en annan tid", "walk_and_talk/part"),
     ("funkar det i morgon istället?", "walk_and_talk/length"), ("inte nu", "appointment/another_time")],
)  # fmt: skip
def test_another_time_than_the_one_offered_is_looked_for(said: str, next_message: str) -> None:
    offer = {"starts": FREE[3], "ends": FREE[3], "staff": 1, "name": "Anna", "place": "skutan", "where": "Skutan"}
    talk = Talk("walk_and_talk", World(), asked_by="wish", offer=offer)
    talk.says(said)
    assert talk.messages() == [next_message]


def test_a_waiting_wish_that_came_too_late_offers_others() -> None:
    offer = {"starts": FREE[3], "ends": FREE[3], "staff": 1, "name": "Anna", "place": "skutan", "where": "Skutan"}
    talk = Talk("walk_and_talk", World(lost_before_book=1), asked_by="wish", offer=offer)
    for said in ("ja", "20", "hoppa över"):
        talk.says(said)
    assert talk.text().startswith("Den tiden gick inte att få.")


def test_staff_offer_a_walk() -> None:
    talk = Talk("walk_and_talk", World(), asked_by="staff")
    assert talk.text() == "Hej Kim. Vill du ta en promenad med någon av oss? Svara JA eller INTE NU."
    talk.says("ja")
    assert talk.messages() == ["walk_and_talk/part"]
    assert Talk("walk_and_talk", World(), asked_by="staff").says("på onsdag går bra").startswith("De här tiderna")
    assert Talk("walk_and_talk", World(), asked_by="staff").says("nej").startswith("Okej. Tack för att du svarade.")


def test_tillbaka_lets_go_of_the_time_held() -> None:
    talk = begun("2", "1")
    assert talk.messages() == ["walk_and_talk/length"]
    talk.says("tillbaka")
    assert talk.messages() == ["times/times"]
    assert talk.world.done.count("undo HoldTime") == 1
    talk.says("2")
    assert talk.world.named("HoldTime")[-1].starts == at("2026-12-01 14:15")


def test_length_and_weather_may_be_skipped() -> None:
    talk = begun("2", "1", "hoppa över", "hoppa över")
    command = talk.world.named("BookTime")[0]
    assert (command.minutes, command.plan_b) == (40, "")


def test_one_who_has_chosen_reminders_is_not_asked_again() -> None:
    talk = begun("2", "1", "20", "3", same_day=True)
    assert talk.messages() == ["walk_and_talk/booked"]
    assert talk.turn.state == "finished"


def test_two_who_have_times_are_named() -> None:
    world = World(free=[(FREE[2], 1), (FREE[3], 2)])
    assert begun("2", world=world).text() == (
        "Vi kan de här tiderna:\n1 i morgon kl. 13, Anna\n2 i morgon kl. 14.15, Erik\n"
        "Svara med en siffra, FLER eller en egen tid."
    )


def test_what_is_not_understood_is_asked_once_more_and_then_a_person_sees_it() -> None:
    talk = begun("2")
    assert talk.says("öh").startswith("Jag är inte säker på vilken tid du menar.")
    talk.says("öhm")
    assert talk.turn.hand_over


SAID = [
    "1", "2", "3", "4", "fler", "nej", "ja", "torsdag", "fredag kl 10", "efter tre", "nästa vecka", "inte nu",
    "tillbaka", "hoppa över",
    "börja om", "senare", "20", "ring", "inget", "avbryt", "klar", "ändra", "???", "lördag natt", "egen tid",
]  # fmt: skip
EVENTS = st.one_of(
    st.builds(
        Heard, st.sampled_from(SAID) | st.text(max_size=20), st.sampled_from(["yes", "yes", "yes", "no", "unsure"])
    ),
    st.builds(
        Heard,
        st.just(""),
        st.just("yes"),
        st.sampled_from(["t1", "t3", "more", "own", "yes", "no", "any", "short", "none", "?"]),
    ),
    st.sampled_from([Wake("nudge"), Wake("no_reply"), Repeat()]),
)
FREES = st.lists(st.sampled_from(FREE), unique=True).map(lambda times: [(starts, 1) for starts in sorted(times)])


@settings(deadline=None, max_examples=200)
@given(FREES, st.lists(st.tuples(EVENTS, st.integers(0, 2)), max_size=14))
def test_any_order_of_words_never_raises_and_books_at_most_once(free: list[Any], events: list[Any]) -> None:
    world = World(free=free)
    talk = begun(world=world)
    for event, lost in events:
        world.lost_before_hold, world.lost_before_book = lost, lost // 2
        if talk.turn.state in ("finished", "cancelled", "parked"):
            break
        if not (isinstance(event, Wake) and event.why == "no_reply"):  # no question here has a patience
            talk.event(event)
        assert talk.turn.state != "parked", talk.turn.why
        talk.text()
    assert len(world.meetings) <= 1
    held = len(world.named("HoldTime"))
    assert world.done.count("undo HoldTime") <= held


def test_no_reminder_is_offered_that_could_not_go_out(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    books = world._BookTime
    monkeypatch.setattr(world, "_BookTime", lambda command: {**books(command), "remind": False})
    talk = begun("2", "1", "20", "3", world=world)
    assert talk.messages() == ["walk_and_talk/booked"]
