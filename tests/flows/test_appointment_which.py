"""The talk about a meeting when there are several, or when the answer comes too late or is about an older time."""

from __future__ import annotations

from typing import Any

import pytest

from flows.asks_times import wanted_in
from tests.flows.meeting_talks import CONTEXT, Talk, World
from tests.flows.test_appointment import FRIDAY, THURSDAY, TODAY, with_meeting, wrote

# --- which one ------------------------------------------------------------------------------------------------------


def two(**more: Any) -> World:
    """A world where there are two meetings."""
    world = with_meeting(THURSDAY, **more)
    world.meets(FRIDAY, name="Erik", staff=2, **more)
    return world


def test_of_two_that_ask_the_person_is_asked_which() -> None:
    talk = wrote("ja", two())
    assert talk.text() == (
        "Du har flera tider. Vilken menar du?\n1 torsdag 3 december kl. 13.30, Anna\n"
        "2 fredag 4 december kl. 10.30, Erik"
    )
    assert talk.says("den på fredag") == "Tack. Då gäller fredag kl. 10.30. Ni ses vid Skutan."
    assert [each["answer"] for each in talk.world.meetings] == [None, "yes"]


def test_the_one_that_asks_is_meant() -> None:
    world = two()
    world.meetings[0]["answer"] = "yes"
    assert wrote("ja", world).text().startswith("Tack. Då gäller fredag kl. 10.30.")


def test_the_one_that_is_named_is_meant() -> None:
    talk = wrote("nej inte på fredag", two(), wish="no", wanted=wanted_in("fredag", CONTEXT))
    assert [each["answer"] for each in talk.world.meetings] == [None, "no"]


def test_late_is_about_the_soonest() -> None:
    world = two()
    wrote("10 min sen", world)
    assert world.named("TellStaff")[0].appointment == world.meetings[0]["id"]


def test_when_shows_them_all() -> None:
    assert wrote("när ses vi", two()).text() == (
        "Du har de här tiderna:\ntorsdag 3 december kl. 13.30, Anna\nfredag 4 december kl. 10.30, Erik"
    )


# --- too late, or about an older time ---------------------------------------------------------------------------------


def test_an_answer_to_an_older_time_gets_the_one_that_holds() -> None:
    world = with_meeting(version=2)
    talk = Talk("appointment", world, wish="yes", said="", appointment=world.meetings[0]["id"], version=1)
    assert talk.text() == (
        "Tiden är ändrad. Nu gäller torsdag 3 december kl. 13.30. Ni ses vid Skutan. "
        "Passar det? Svara JA, NEJ eller BYT."
    )
    assert talk.presses("yes") == "Tack. Då gäller torsdag kl. 13.30. Ni ses vid Skutan."


def test_a_time_that_changes_again_meanwhile_is_told_again() -> None:
    world = with_meeting(version=2)
    talk = Talk("appointment", world, wish="yes", said="", appointment=world.meetings[0]["id"], version=1)
    world.meetings[0] |= {"version": 3, "starts": FRIDAY}
    assert talk.says("ja").startswith("Tiden är ändrad. Nu gäller fredag 4 december kl. 10.30.")


def test_a_time_that_never_stops_changing_goes_to_a_person() -> None:
    world = with_meeting(version=2)
    talk = Talk("appointment", world, wish="yes", said="", appointment=world.meetings[0]["id"], version=1)
    for version in range(3, 12):
        world.meetings[0]["version"] = version
        talk.says("ja")
    assert talk.turn.outcome == "passed_on"


@pytest.mark.parametrize(
    ("came", "says"),
    [
        ("cancelled", "Den tiden är redan avbokad. Vill du ha en ny tid?"),
        ("gone", "Den tiden finns inte kvar. Vill du ha en ny tid?"),
        ("begun", "Tack för att du skrev. Tiden har redan börjat. Jag har sagt till Anna."),
    ],
)
@pytest.mark.parametrize("wish", ["yes", "no", "move", "cancel"])
def test_what_came_too_late_is_said_plainly(wish: str, came: str, says: str) -> None:
    talk = Talk("appointment", World(past={7: came}), wish=wish, said="ja", appointment=7, version=1)
    assert talk.text().startswith(says)


def test_a_new_time_after_one_that_we_called_off() -> None:
    over = with_meeting(TODAY, form="office").meetings[0]
    world = World()
    talk = Talk("appointment", world, wish="new_time", said="ja", meeting=over)
    assert talk.text().startswith("Okej, en annan tid.")
    talk.says("2")
    assert (world.meetings[0]["form"], world.named("BookTime")[0].appointment) == ("office", None)
    assert Talk("appointment", World(), wish="not_now").text().startswith("Okej. Tack för att du svarade.")
