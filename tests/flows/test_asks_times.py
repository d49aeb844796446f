"""A time among those offered, other ones, or one in own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.asks import Context, Later, Unclear, Understood
from flows.asks_meetings import Fits, Length, YesOrLater, YesOrTime, wished
from flows.asks_times import MORE, OWN, AtTime, PartOfDay, lies_in, names_a_day, wanted_in
from rules.calendar import to_local
from tests.flows.meeting_talks import CONTEXT, LEXICON, NOW, at

OFFERS = ((at("2026-12-01 13:00"), 1), (at("2026-12-02 14:15"), 1), (at("2026-12-03 13:30"), 2))
ASKED = AtTime(("t1", "t2", "t3", MORE), OFFERS)
MOVES = AtTime(("t1", "t2", OWN), OFFERS[:2], agreed=at("2026-12-03 13:30"))


def value(text: str, asked: AtTime = ASKED) -> Any:
    read = asked.read(text, CONTEXT)
    return read.value if isinstance(read, Understood) else type(read).__name__


@pytest.mark.parametrize(
    ("text", "pick"),
    [
        ("1", 0), ("2", 1), ("3", 2), ("2 tack", 1), ("nr 2", 1), ("tvåan", 1), ("den andra", 1), ("första", 0),
        ("den sista", 2), ("3:an", 2),
        ("jag tar den första", 0), ("tisdag", 0), ("på onsdag", 1), ("torsdag 3 december", 2), ("torsdag 3/12", 2),
        ("i morgon", 0), ("imorgon kl 13", 0),
        ("14.15", 1), ("kvart över två", 1), ("halv två", 2), ("13.30", 2), ("kl 13", 0), ("onsdag går bra", 1),
        ("torsdag kl 13.30", 2), ("torsdagen", 2),
        ("ja onsdag", 1), ("onsdan", 1),
    ],
)  # fmt: skip
def test_one_of_the_times_is_picked(text: str, pick: int) -> None:
    starts, staff = OFFERS[pick]
    assert value(text) == {"pick": pick, "starts": starts, "staff": staff}


@pytest.mark.parametrize(
    "text",
    [
        "fler",
        "FLER",
        "fler tider",
        "andra tider",
        "ingen passar",
        "nej",
        "nej ingen",
        "ingen av dem",
        "nä",
    ],
)
def test_other_times_are_asked_for(text: str) -> None:
    assert value(text) == {"more": True}


@pytest.mark.parametrize("text", ["inte tisdag", "nej inte tisdag", "inte på tisdag tack"])
def test_any_other_day_is_asked_for(text: str) -> None:
    """The next list had that same day in it."""
    wanted = value(text)["wanted"]
    assert len(wanted["not_on"]) == 1
    assert datetime.fromisoformat(wanted["not_on"][0]).weekday() == 1


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("torsdag nästa vecka efter tre", "2026-12-10 15:00"), ("fredag", "2026-12-04 00:00"),
        ("fredag kl 10", "2026-12-04 10:00"),
        ("tisdag kl 15", "2026-12-01 15:00"), ("nästa vecka", "2026-12-07 00:00"),
        ("torsdag efter tre", "2026-12-03 15:00"),
    ],
)  # fmt: skip
def test_another_time_is_wished_for(text: str, first: str) -> None:
    got = value(text)
    assert got["wanted"]["starts"] == at(first)
    assert got["said"] == text


@pytest.mark.parametrize(
    ("text", "daily"),
    [("efter tre", ["15:00", "23:59"]), ("kl 10", ["10:00", "10:00"]), ("på förmiddagen", ["09:00", "12:00"])],
)
def test_hours_without_a_day_are_wished_for_on_any(text: str, daily: list[str]) -> None:
    wanted = wanted_in(text, Context(LEXICON, 2026, now=NOW - timedelta(hours=3)))
    assert wanted is not None
    assert wanted["daily"] == daily
    assert datetime.fromisoformat(wanted["ends"]) - datetime.fromisoformat(wanted["starts"]) == timedelta(days=14)


def test_several_times_are_kept_apart() -> None:
    wanted = wanted_in("fredag kl 10 eller måndag kl 14", CONTEXT)
    assert wanted is not None
    assert [wanted["starts"], *(each["starts"] for each in wanted["also"])] == [
        at("2026-12-04 10:00"),
        at("2026-12-07 14:00"),
    ]
    assert lies_in(at("2026-12-07 14:00"), wanted)
    assert not lies_in(at("2026-12-07 10:00"), wanted)


@pytest.mark.parametrize("text", ["kanske", "vet inte riktigt", "hej", "", "1 och 2", "vad menas", "igår"])
def test_what_names_no_time_is_asked_again(text: str) -> None:
    assert value(text) == "Unclear"


def test_ja_picks_only_where_one_time_is_offered() -> None:
    assert value("ja") == "Unclear"
    assert value("ja", AtTime(("t1",), OFFERS[:1]))["pick"] == 0


def test_inte_nu_rests_the_talk() -> None:
    assert isinstance(ASKED.read("inte nu", CONTEXT), Later)


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("3", {"own": True}), ("jag skriver själv", {"own": True}), ("en egen tid", {"own": True}),
        ("nej", {"none": True}), ("fler", {"more": True}),
    ],
)  # fmt: skip
def test_a_time_of_ones_own_can_be_chosen(text: str, got: Any) -> None:
    assert value(text, MOVES) == got


def test_later_counts_from_the_time_agreed() -> None:
    assert value("en timme senare", MOVES)["wanted"]["starts"] == at("2026-12-03 14:30")


def test_buttons_are_the_options() -> None:
    assert ASKED.pressed("t2") == Understood({"pick": 1, "starts": OFFERS[1][0], "staff": 1})
    assert ASKED.pressed(MORE) == Understood({"more": True})
    assert MOVES.pressed(OWN) == Understood({"own": True})
    assert isinstance(ASKED.pressed("t9"), Unclear)


@pytest.mark.parametrize(
    ("text", "pick"), [("1", 0), ("den på onsdag", 1), ("torsdag", 2), ("fredag", None), ("fler", None), ("nej", None)]
)
def test_of_ones_own_meetings_only_those_can_be_chosen(text: str, pick: int | None) -> None:
    read = AtTime(("m1", "m2", "m3"), OFFERS, of="meeting", only_these=True).read(text, CONTEXT)
    assert (read.value["pick"] if isinstance(read, Understood) else None) == pick


def test_without_a_clock_only_the_choices_are_read() -> None:
    context = Context(LEXICON, 2026)
    assert ASKED.read("2", context) == ASKED.pressed("t2")
    assert not isinstance(ASKED.read("fredag", context), Understood)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("1", "morning"), ("förmiddag", "morning"), ("fm", "morning"), ("2", "after_lunch"),
        ("efter lunch", "after_lunch"), ("eftermiddag", "after_lunch"),
        ("3", "later"), ("senare", "later"), ("Senare tack", "later"), ("4", "any"), ("spelar ingen roll", "any"),
        ("när som helst", "any"), ("vet inte", "any"),
    ],
)  # fmt: skip
def test_a_part_of_the_day_is_read(text: str, part: str) -> None:
    read = PartOfDay(("morning", "after_lunch", "later", "any")).read(text, CONTEXT)
    assert read == Understood({"part": part})


@pytest.mark.parametrize("text", ["torsdag efter tre", "fredag förmiddag", "nästa vecka", "i morgon kl 10"])
def test_a_time_may_be_the_answer_to_which_part(text: str) -> None:
    read = PartOfDay(("morning", "after_lunch", "later", "any")).read(text, CONTEXT)
    assert isinstance(read, Understood)
    assert read.value["wanted"] == wanted_in(text, CONTEXT)


@pytest.mark.parametrize(
    ("text", "meant"), [("ja", True), ("inte nu", False), ("nej", False), ("senare", False), ("gärna", True)]
)
def test_not_now_is_an_answer_to_a_new_time(text: str, meant: bool) -> None:
    assert YesOrLater().read(text, CONTEXT) == Understood(meant)
    assert YesOrTime().read(text, CONTEXT) == Understood(
        {"wish": "yes" if meant else "no", "wanted": None, "said": text}
    )


@pytest.mark.parametrize(
    "text",
    ["hellre på fredag", "torsdag nästa vecka kanske", "nästa vecka går bättre", "nej hellre måndag", "fredag kl 10",
     "helst på eftermiddagen", "efter jul", "imorgon?", "senare i veckan", "går det på måndag", "när som helst"],
)  # fmt: skip
def test_a_time_is_a_yes_to_a_new_time(text: str) -> None:
    read = YesOrTime().read(text, CONTEXT)
    assert read == Understood({"wish": "move", "wanted": wanted_in(text, CONTEXT), "said": text})
    assert isinstance(read, Understood)
    assert read.value["wanted"] is not None


@pytest.mark.parametrize(
    ("text", "wish"),
    [("en annan dag", "move"), ("byt", "move"), ("inte den här veckan", "no"), ("kan inte på fredag", "no"),
     ("jag hör av mig på måndag", "no")],
)  # fmt: skip
def test_another_day_is_a_wish_and_what_only_declines_is_none(text: str, wish: str) -> None:
    assert YesOrTime().read(text, CONTEXT) == Understood({"wish": wish, "wanted": None, "said": text})


@pytest.mark.parametrize("text", ["1", "2", "hm", "vet inte"])
def test_what_says_neither_is_asked_again(text: str) -> None:
    assert isinstance(YesOrTime().read(text, CONTEXT), Unclear)


def test_an_answer_that_was_kept_as_a_yes_or_a_no_still_holds() -> None:
    for kept, wish in ((True, "yes"), (False, "no")):
        assert wished(kept) == {"wish": wish, "wanted": None, "said": ""}


@pytest.mark.parametrize(
    ("text", "wish"),
    [("ja", "yes"), ("2", "no"), ("byt", "move"), ("ja men inte kl 8", "move"), ("inte idag", "not_today")],
)
def test_whether_a_time_fits_is_read_as_words_about_a_meeting(text: str, wish: str) -> None:
    read = Fits().read(text, CONTEXT)
    assert isinstance(read, Understood)
    assert read.value["wish"] == wish


WORDS = [
    "torsdag", "fredag", "kl", "10", "13.30", "efter", "före", "tre", "nästa", "vecka", "inte", "eller", "2", "nej",
    "ja", "fler", "i morgon", "men", "den", "tidigt", "3/12", "halv",
]  # fmt: skip
SAID = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@settings(deadline=None, max_examples=300)
@given(
    SAID | st.text(max_size=60),
    st.sampled_from([ASKED, MOVES, AtTime(), AtTime(("m1", "m2"), OFFERS[:2], of="meeting", only_these=True)]),
)
def test_any_text_is_read_and_what_is_read_can_be_kept(text: str, asked: AtTime) -> None:
    read = asked.read(text, CONTEXT)
    if not isinstance(read, Understood):
        return
    assert asked.load(asked.dump(read.value)) == read.value
    if "pick" in read.value:
        assert asked.offers[read.value["pick"]] == (read.value["starts"], read.value["staff"])
    elif "wanted" in read.value:
        wanted = read.value["wanted"]
        assert NOW.isoformat() <= wanted["starts"] <= wanted["ends"]
        assert datetime.fromisoformat(wanted["ends"]) <= NOW + timedelta(days=181)
    else:
        assert set(read.value) <= {"more", "own", "none"}


@settings(deadline=None)
@given(
    st.datetimes(datetime.fromisoformat("2026-11-30"), datetime.fromisoformat("2027-05-01")),
    st.sampled_from(["{:%d/%m kl %H.%M}", "{:%Y-%m-%d %H:%M}"]),
)
def test_a_time_that_is_written_out_is_that_time(moment: datetime, pattern: str) -> None:
    moment = moment.replace(second=0, microsecond=0)
    starts = at(f"{moment:%Y-%m-%d %H:%M}")
    if starts <= NOW.isoformat() or to_local(datetime.fromisoformat(starts)).replace(tzinfo=None) != moment:
        return
    wanted = wanted_in(pattern.format(moment), CONTEXT)
    assert wanted is not None
    assert lies_in(starts, wanted)
    asked = AtTime(("t1", "t2"), ((starts, 1), (at("2026-11-30 09:00"), 1)))
    read = asked.read(pattern.format(moment), CONTEXT)
    assert read == asked.pressed("t1")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("20", 20), ("40", 40), ("60 min", 60), ("20 minuter tack", 20), ("20min", 20), ("2", 40), ("kort", 20),
        ("en timme", 60), ("fyrtio", 40),
        ("30", 20), ("45 min", 40), ("50", 40), ("120", None), ("20 eller 40", None), ("hm", None), ("", None),
        ("vet inte", 40), ("spelar ingen roll", 40), ("ni bestämmer", 40),
    ],
)  # fmt: skip
def test_minutes_are_read_before_places_in_a_list(text: str, minutes: int | None) -> None:
    read = Length().read(text, CONTEXT)
    assert (read.value if isinstance(read, Understood) else None) == minutes


@pytest.mark.parametrize(
    "text", ["är helt slut idag men imorgon går", "mår skit idag, imorgon kanske", "orkar inte idag men imorgon"]
)
def test_a_day_that_is_hard_is_not_wished_for(text: str) -> None:
    assert wanted_in(text, CONTEXT) == wanted_in("imorgon", CONTEXT)


@pytest.mark.parametrize(
    ("text", "names"),
    [("jag mår skit idag", False), ("mår inte så bra", False), ("har ångest", False),
     ("har ont i magen, torsdag är bättre", True), ("har ångest på morgonen så helst efter lunch", True),
     ("är helt slut idag men imorgon går", True)],
)  # fmt: skip
def test_how_one_feels_today_names_no_day(text: str, names: bool) -> None:
    assert names_a_day(text, CONTEXT) is names


TWO = (("2026-12-03T12:30:00+00:00", 0), ("2026-12-08T13:00:00+00:00", 1))
WHICH = AtTime(("m1", "m2"), TWO, of="meeting", only_these=True, both=True, kinds=("meeting", "group"))


@pytest.mark.parametrize("text", ["båda", "ja till båda", "1 och 2", "alla", "båda två"])
def test_a_yes_may_be_one_to_both(text: str) -> None:
    assert WHICH.read(text, CONTEXT) == Understood({"picks": [0, 1]})
    assert not isinstance(replace(WHICH, both=False).read(text, CONTEXT), Understood)


@pytest.mark.parametrize("text", ["1 eller 2", "båda eller ingen", "inte båda", "nej"])
def test_what_chooses_neither_is_asked_again(text: str) -> None:
    assert not isinstance(WHICH.read(text, CONTEXT), Understood)


@pytest.mark.parametrize(("text", "n"), [("promenaden", 0), ("gruppen", 1), ("2", 1), ("torsdag", 0)])
def test_one_of_two_is_chosen_by_what_it_is(text: str, n: int) -> None:
    assert WHICH.read(text, CONTEXT) == Understood({"pick": n, "starts": TWO[n][0], "staff": n})


@pytest.mark.parametrize("text", ["med anna helst", "hellre Erik", "anna tack"])
def test_who_of_us_they_want_is_looked_for(text: str) -> None:
    assert ASKED.read(text, CONTEXT) == Understood({"with": True, "said": text})


@pytest.mark.parametrize("text", ["inte anna", "nån annan än erik", "slipper anna helst"])
def test_whom_they_do_not_want_is_not_looked_for(text: str) -> None:
    reading = ASKED.read(text, CONTEXT)
    assert not isinstance(reading, Understood) or "with" not in reading.value
