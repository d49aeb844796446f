from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest

from rules.reminders import BEFORE, REMINDERS, HeldBy, Meeting, Plan, Policy, Wish, plan
from rules.roster import Absence, Roster, Shift
from rules.sending import Hours

SWEDEN = ZoneInfo("Europe/Stockholm")
ANNA, ERIK = 1, 2
OFFICE = Roster(tuple(Shift(who, day, time(8), time(16)) for who in (ANNA, ERIK) for day in range(5)))
POLICY = Policy(roster=OFFICE)
ASKED = Wish(same_day=True)


def at(text: str) -> datetime:
    """A Swedish wall time, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SWEDEN).astimezone(UTC)


def meeting(starts: str = "2026-12-03T13:30", booked: str = "2026-11-23T10:00", **more: Any) -> Meeting:
    """A meeting of forty minutes; Thursday 3 December 2026, booked ten days before, unless another is told."""
    begins = at(starts)
    return Meeting(begins, begins + timedelta(minutes=40), at(booked), **more)


def planned(one: Meeting, policy: Policy = POLICY, now: datetime | None = None) -> Plan:
    return plan(one, policy, None, now or one.booked_at)


def times(found: Plan) -> dict[str, str]:
    """What is said, with the local time of it."""
    return {item.kind: item.when.astimezone(SWEDEN).strftime("%Y-%m-%dT%H:%M") for item in found.items}


def reasons(found: Plan) -> dict[str, str]:
    return {each.kind: each.why for each in found.dropped}


# --- the kinds -------------------------------------------------------------------------------------------------------


def test_ordinary_meeting_gets_four_and_a_question() -> None:
    found = planned(meeting())
    assert times(found) == {
        "confirmation": "2026-11-23T10:00",
        "three_days": "2026-11-30T17:00",
        "day_before": "2026-12-02T17:00",
        "silence": "2026-12-02T13:00",
        "how_did_it_go": "2026-12-03T14:10",
    }
    assert reasons(found) == {"same_day": "Personen har inte bett om en påminnelse samma dag."}
    assert [item.when for item in found.items] == sorted(item.when for item in found.items)


def test_same_day_is_for_those_who_ask() -> None:
    found = planned(meeting(wish=ASKED))
    assert times(found)["same_day"] == "2026-12-03T11:30"
    assert found.dropped == ()


@pytest.mark.parametrize(
    ("booked", "goes"),
    [("2026-11-28T13:30", True), ("2026-11-28T13:31", False), ("2026-11-29T09:00", False)],
)
def test_three_days_needs_five_days_notice(booked: str, *, goes: bool) -> None:
    found = planned(meeting(booked=booked))
    assert ("three_days" in times(found)) is goes
    if not goes:
        assert reasons(found)["three_days"] == "Det var mindre än fem dagar kvar när tiden bokades."


def test_five_days_are_counted_by_the_wall_clock() -> None:
    assert "three_days" in times(planned(meeting("2027-03-29T10:00", "2027-03-24T10:00")))  # 119 hours
    assert "three_days" not in times(planned(meeting("2027-11-01T10:00", "2027-10-27T10:30")))  # 120.5 hours


def test_a_moved_meeting_is_planned_from_its_change() -> None:
    found = planned(meeting(changed_at=at("2026-12-01T15:00")))
    assert times(found)["confirmation"] == "2026-12-01T15:00"
    assert "three_days" in reasons(found)
    assert next(item.why for item in found.items if item.kind == "confirmation") == "Direkt när tiden ändrades."


def test_a_reminder_asks_only_while_unanswered() -> None:
    def why(answered: Literal["yes"] | None) -> str:
        return next(item.why for item in planned(meeting(answered=answered)).items if item.kind == "day_before")

    assert why(None) == "Dagen före, kl. 17. En fråga, för personen har inte svarat."
    assert why("yes") == "Dagen före, kl. 17. Ingen fråga, för svaret är ja."


# --- sending hours ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("booked", "told"),
    [
        ("2026-11-23T08:59", "2026-11-23T09:00"),
        ("2026-11-23T18:59", "2026-11-23T18:59"),
        ("2026-11-23T19:00", "2026-11-24T09:00"),
        ("2026-11-29T12:00", "2026-11-29T12:00"),  # a Sunday
        ("2026-12-02T23:00", "2026-12-02T23:00"),  # the meeting is within 24 hours
        ("2026-12-02T08:00", "2026-12-02T09:00"),  # and here it is not
    ],
)
def test_a_confirmation_waits_for_the_morning(booked: str, told: str) -> None:
    assert times(planned(meeting(booked=booked)))["confirmation"] == told


def test_too_early_reminders_move_to_the_evening_before() -> None:
    found = planned(meeting("2026-12-03T10:00", wish=ASKED))
    moved = next(item for item in found.items if item.kind == "same_day")
    assert moved.when == at("2026-12-02T18:30")
    assert moved.expires == at("2026-12-03T09:30")
    assert moved.why == "2 timmar före, för personen har bett om det. Flyttad hit från kl. 8, för då går inget ut."
    assert reasons(found) == {"day_before": "Nästa påminnelse kommer inom tre timmar."}


def test_too_late_reminders_move_within_the_day() -> None:
    assert times(planned(meeting("2026-12-03T21:30", wish=ASKED)))["same_day"] == "2026-12-03T18:30"
    for clock, goes in ((time(18, 59), "18:59"), (time(19), "18:30"), (time(20), "18:30")):
        late = Policy(day_before_at=clock, roster=OFFICE)
        assert times(planned(meeting(), late))["day_before"] == f"2026-12-02T{goes}"


def test_moving_never_crosses_the_booking() -> None:
    found = planned(meeting("2026-12-03T10:00", "2026-12-02T18:31", wish=ASKED))
    assert reasons(found)["same_day"] == "Det hade redan passerat när tiden bokades eller ändrades."
    assert set(times(found)) == {"confirmation", "how_did_it_go"}


def test_short_sending_hours_are_kept() -> None:
    short = Policy(hours=Hours(time(10), time(10, 20)), roster=OFFICE)
    assert times(planned(meeting(wish=ASKED), short))["same_day"] == "2026-12-03T10:00"
    night = planned(meeting("2026-12-03T09:30", "2026-12-02T09:00", wish=ASKED), Policy(hours=Hours(time(9), time(10))))
    assert times(night)["confirmation"] == "2026-12-02T09:00"


# --- beside each other -----------------------------------------------------------------------------------------------


def test_a_reminder_close_upon_the_confirmation_is_left_out() -> None:
    near, far = meeting(booked="2026-12-02T14:00"), meeting(booked="2026-12-02T13:59")
    assert reasons(planned(near))["day_before"] == "Personen fick veta tiden högst tre timmar tidigare."
    assert "day_before" in times(planned(far))


def test_reminders_exactly_three_hours_apart_are_too_close() -> None:
    policy = Policy(day_before_at=time(17), same_day_before=timedelta(hours=20, minutes=30), roster=OFFICE)
    found = planned(meeting("2026-12-03T13:30", wish=ASKED), policy)  # 17.00 both
    assert "day_before" in reasons(found)
    policy = replace(policy, day_before_at=time(14))
    assert "day_before" in reasons(planned(meeting(wish=ASKED), policy))
    policy = replace(policy, day_before_at=time(13, 59))
    assert "day_before" in times(planned(meeting(wish=ASKED), policy))


def test_a_late_one_never_comes_close_upon_the_next() -> None:
    expires = {item.kind: item.expires for item in planned(meeting(wish=ASKED)).items}
    assert expires["confirmation"] == at("2026-11-30T14:00")
    assert expires["three_days"] == at("2026-12-01T17:00")
    assert expires["day_before"] == at("2026-12-03T08:30")
    assert expires["same_day"] == at("2026-12-03T13:00")


def test_everything_is_valid_for_half_an_hour() -> None:
    close = Policy(day_before_at=time(14, 25), same_day_before=timedelta(hours=20), roster=OFFICE)  # 3 h 5 min apart
    assert _expires(close)["day_before"] == at("2026-12-02T14:55")
    last = Policy(same_day_before=timedelta(minutes=10), roster=OFFICE)
    assert _expires(last)["same_day"] == at("2026-12-03T13:30")


def _expires(policy: Policy) -> dict[str, datetime]:
    return {item.kind: item.expires for item in planned(meeting(wish=ASKED), policy).items}


# --- the person, the unit, the answer --------------------------------------------------------------------------------


def test_no_reminders_keeps_the_confirmation() -> None:
    found = planned(meeting(wish=Wish(same_day=True, reminders=False)))
    assert set(times(found)) == {"confirmation", "silence", "how_did_it_go"}
    assert set(reasons(found).values()) == {"Personen vill inte ha påminnelser."}


def test_a_wish_made_too_late_sends_nothing() -> None:
    late = meeting(wish=Wish(same_day=True, asked_at=at("2026-12-03T12:00")))
    assert reasons(planned(late))["same_day"] == "Det hade redan passerat när personen bad om det."
    early = meeting(wish=Wish(same_day=True, asked_at=at("2026-12-03T11:30")))
    assert "same_day" in times(planned(early))


@pytest.mark.parametrize("off", [*REMINDERS, "silence", "how_did_it_go"])
def test_a_unit_may_switch_a_kind_off(off: str) -> None:
    found = planned(meeting(wish=ASKED), Policy(off=frozenset({off}), roster=OFFICE))
    assert off not in times(found)
    assert reasons(found) == {off: "Enheten har stängt av det här."}


@pytest.mark.parametrize(
    ("answered", "why"), [("no", "Personen har tackat nej."), ("move", "Personen vill ha en annan tid.")]
)
def test_a_no_ends_the_reminders(answered: Literal["no", "move"], why: str) -> None:
    found = planned(meeting(answered=answered, wish=ASKED))
    assert {reasons(found)[name] for name in ("confirmation", *REMINDERS)} == {why}
    assert reasons(found)["silence"] == "Personen har svarat."
    assert set(times(found)) == (set() if answered == "no" else {"how_did_it_go"})


@pytest.mark.parametrize(
    ("held_by", "why"),
    [
        ("stopped", "Personen har skrivit STOPP."),
        ("resting", "Botens meddelanden till personen vilar efter ett larm."),
        ("unreachable", "Personen skrev på ett sätt som vi inte kan nå senare."),
        ("protected", "Personen har skyddade uppgifter. Ring som ni har kommit överens om."),
    ],
)
def test_who_cannot_be_written_to_still_has_staff(held_by: HeldBy, why: str) -> None:
    found = planned(meeting(held_by=held_by, wish=ASKED))
    assert set(times(found)) == {"silence", "how_did_it_go"}
    assert set(reasons(found).values()) == {why}


def test_a_cancelled_meeting_says_nothing() -> None:
    found = planned(meeting(cancelled=True, wish=ASKED))
    assert found.items == ()
    assert [(each.kind, each.why) for each in found.dropped] == [(kind, "Tiden är avbokad.") for kind in BEFORE]


def test_who_booked_by_themselves_is_not_told_again() -> None:
    found = planned(meeting(told=True, booked="2026-12-02T15:00"))
    assert reasons(found)["confirmation"] == "Personen bokade själv och fick svar direkt."
    assert "day_before" in reasons(found)


def test_who_could_not_be_reached_is_told_when_they_can() -> None:
    late = plan(meeting(), POLICY, at("2026-12-01T20:00"), at("2026-12-01T20:00"))
    assert times(late)["confirmation"] == "2026-12-02T09:00"
    assert reasons(late)["three_days"] == "Det var mindre än fem dagar kvar när tiden bokades."


# --- staff -----------------------------------------------------------------------------------------------------------


def test_silence_comes_on_the_last_staffed_day_before() -> None:
    assert times(planned(meeting("2026-11-30T10:00")))["silence"] == "2026-11-27T13:00"  # a Monday
    closed = Roster(OFFICE.shifts, (Absence(date(2026, 12, 2)), Absence(date(2026, 12, 1))))
    assert times(planned(meeting(), Policy(roster=closed)))["silence"] == "2026-11-30T13:00"


@pytest.mark.parametrize(
    ("hours", "when"),
    [
        ([(time(8), time(12))], "11:30"),
        ([(time(8), time(13))], "12:30"),
        ([(time(14), time(16))], "14:00"),
        ([(time(12, 50), time(12, 59))], "12:50"),
        ([(time(8), time(10)), (time(15), time(16))], "09:30"),
        ([(time(8), time(10)), (time(13), time(16))], "13:00"),
    ],
)
def test_silence_keeps_to_the_hours_of_that_day(hours: list[tuple[time, time]], when: str) -> None:
    roster = Roster(tuple(Shift(ANNA, day, *span) for day in range(5) for span in hours))
    assert times(planned(meeting(), Policy(roster=roster)))["silence"] == f"2026-12-02T{when}"


def test_silence_without_staff_is_told_as_dropped() -> None:
    found = planned(meeting(), Policy())
    assert reasons(found)["silence"] == "Ingen arbetar de 30 dagarna före tiden."
    assert reasons(found)["how_did_it_go"] == "Ingen arbetar de närmaste 30 dagarna."


def test_a_booking_after_the_clock_of_silence_has_none() -> None:
    assert "silence" in times(planned(meeting(booked="2026-12-02T13:00")))
    assert "silence" in reasons(planned(meeting(booked="2026-12-02T13:01")))


def test_an_unmarked_meeting_asks_the_one_it_was_with() -> None:
    away = Roster(OFFICE.shifts, tuple(Absence(date(2026, 12, day), ANNA) for day in (3, 4)))
    assert times(planned(meeting(staff=ANNA), Policy(roster=away)))["how_did_it_go"] == "2026-12-07T08:00"
    assert times(planned(meeting(staff=ERIK), Policy(roster=away)))["how_did_it_go"] == "2026-12-03T14:10"
    assert times(planned(meeting(staff=3), Policy(roster=away)))["how_did_it_go"] == "2026-12-03T14:10"
    assert times(planned(meeting("2026-12-04T17:00"), POLICY))["how_did_it_go"] == "2026-12-07T08:00"


# --- after -----------------------------------------------------------------------------------------------------------


def marked(outcome: str, when: str = "2026-12-03T15:00", **more: Any) -> Plan:
    return planned(meeting(outcome=outcome, marked_at=at(when), **more))


def test_the_thank_you_waits_for_staff() -> None:
    assert not {"thank_you", "missed"} & (set(times(planned(meeting()))) | set(reasons(planned(meeting()))))
    assert times(marked("attended")) == {"thank_you": "2026-12-03T15:00"}
    assert times(marked("attended", "2026-12-03T13:45")) == {"thank_you": "2026-12-03T14:10"}
    assert times(marked("attended", "2026-12-03T22:00")) == {"thank_you": "2026-12-04T09:00"}


def test_a_thank_you_waits_out_red_days_and_a_miss_does_not() -> None:
    saturday = {"starts": "2026-11-28T18:00", "booked": "2026-11-23T10:00"}
    assert times(marked("attended", "2026-11-28T19:30", **saturday)) == {"thank_you": "2026-11-30T09:00"}
    assert times(marked("missed", "2026-11-28T19:30", **saturday)) == {"missed": "2026-11-29T09:00"}


def test_marked_too_late_says_nothing() -> None:
    found = marked("missed", "2026-12-06T14:11")
    assert reasons(found)["missed"] == "Det gick mer än tre dagar innan personalen skrev hur det gick."
    assert times(marked("missed", "2026-12-06T14:10")) == {"missed": "2026-12-06T14:10"}


def test_a_second_miss_is_a_call_and_no_text() -> None:
    found = marked("missed", misses_before=1, staff=ANNA)
    assert times(found) == {"ring": "2026-12-03T15:00"}
    assert reasons(found)["missed"] == "Det är andra gången i rad. Ring i stället."


def test_one_that_was_not_held_leads_to_no_line() -> None:
    found = marked("cancelled", "2026-12-02T12:00", wish=ASKED)
    assert found.items == ()
    assert set(reasons(found)) == set(BEFORE)


def test_our_failure_is_said_to_be_ours_and_no_miss_of_theirs() -> None:
    found = marked("we_failed", "2026-12-02T12:00", wish=ASKED)
    assert set(times(found)) == {"we_failed"}
    assert set(reasons(found)) == set(BEFORE)


def test_who_declined_is_never_told_they_missed() -> None:
    assert reasons(marked("missed", answered="no"))["missed"] == "Personen har tackat nej."
    assert set(times(marked("attended", answered="no"))) == {"thank_you"}


# --- late starts, nights when the clocks change ----------------------------------------------------------------------


def test_three_days_down_leaves_what_has_passed_expired() -> None:
    found = planned(meeting(wish=ASKED), now=at("2026-12-03T11:00"))
    assert {item.kind for item in found.items if item.expired} == {"confirmation", "three_days", "day_before"}
    assert [item.kind for item in found.due(at("2026-12-03T11:00"))] == ["silence"]


def test_an_hour_down_sends_late_but_once() -> None:
    found = planned(meeting(wish=ASKED))
    assert [item.kind for item in found.due(at("2026-12-02T18:00")) if not item.to_staff] == ["day_before"]


def test_meetings_on_the_night_of_change_have_one_of_each() -> None:
    spring = planned(meeting("2027-03-28T03:30", "2027-03-20T12:00", wish=ASKED))
    assert times(spring)["same_day"] == "2027-03-27T18:30"
    autumn = planned(meeting("2027-10-31T12:00", "2027-10-20T12:00", wish=ASKED))
    assert (times(autumn)["day_before"], times(autumn)["same_day"]) == ("2027-10-30T17:00", "2027-10-31T10:00")


def test_a_clock_that_spring_skips_moves_like_any_other() -> None:
    policy = Policy(day_before_at=time(2, 30), roster=OFFICE)
    found = planned(meeting("2027-03-29T10:00", "2027-03-20T12:00"), policy)
    assert times(found)["day_before"] == "2027-03-27T18:30"


def test_sending_hours_that_spring_skips_look_further_back() -> None:
    night = Policy(hours=Hours(time(2), time(3)), roster=OFFICE)
    found = planned(meeting("2027-03-29T00:30", "2027-03-20T12:00"), night)
    assert times(found)["day_before"] == "2027-03-27T02:30"


# --- what cannot be --------------------------------------------------------------------------------------------


def test_what_cannot_be_is_refused() -> None:
    naive = datetime(2026, 12, 3, 12)  # noqa: DTZ001 - the fault itself
    with pytest.raises(ValueError, match="zone"):
        Meeting(naive, naive + timedelta(hours=1), naive)
    with pytest.raises(ValueError, match="ends after"):
        Meeting(at("2026-12-03T12:00"), at("2026-12-03T12:00"), at("2026-12-01T12:00"))
    with pytest.raises(ValueError, match="marked"):
        meeting(outcome="missed")
    with pytest.raises(ValueError, match="confirmation"):
        Policy(off=frozenset({"confirmation"}))
    with pytest.raises(ValueError, match="four_days"):
        Policy(off=frozenset({"four_days", "same_day"}))
    with pytest.raises(ValueError, match="before the meeting"):
        Policy(same_day_before=timedelta(0))


@pytest.mark.parametrize(("before", "text"), [(60, "60 minuter före"), (90, "90 minuter före"), (180, "3 timmar före")])
def test_the_time_ahead_is_said_in_words(before: int, text: str) -> None:
    policy = Policy(same_day_before=timedelta(minutes=before))
    found = planned(meeting("2026-12-03T15:00", wish=ASKED), policy)
    assert next(item.why for item in found.items if item.kind == "same_day").startswith(text)


def test_a_meeting_written_down_afterwards_only_asks_staff() -> None:
    found = planned(meeting(booked="2026-12-03T15:00", wish=ASKED))
    assert times(found) == {"how_did_it_go": "2026-12-03T15:00"}
    assert reasons(found)["confirmation"] == "Tiden hade redan börjat."
    assert reasons(found)["same_day"] == "Tiden hade redan börjat."
