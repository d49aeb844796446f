"""When a session is asked about: every boundary, and what holds for every meeting, unit and person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import is_red_day
from rules.rating_times import A_PAUSE, NOT_ASKED, QUESTIONS, WORTH_TELLING, Asking, with_questions
from rules.reminders import HeldBy, Item, Meeting, Plan, Policy, plan
from rules.sending import Hours
from tests.rules.test_reminders_properties import meetings, policies

SWEDEN = ZoneInfo("Europe/Stockholm")
HELD: tuple[HeldBy, ...] = ("stopped", "resting", "unreachable", "protected")
ASKS = Asking(after=True, before=True)


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=SWEDEN).astimezone(UTC)


def local(moment: datetime) -> str:
    return moment.astimezone(SWEDEN).strftime("%Y-%m-%dT%H:%M")


def meeting(starts: str = "2026-12-03T13:30", marked: str | None = None, **more: Any) -> Meeting:
    begins = at(starts)
    if marked is not None:
        more = {"outcome": "attended", "marked_at": at(marked)} | more
    return Meeting(begins, begins + timedelta(minutes=40), at("2026-11-20T12:00"), **more)


def planned(each: Meeting, asking: Asking = ASKS, policy: Policy = Policy(), now: str | None = None) -> Plan:  # noqa: B008
    seen = at(now) if now else each.booked_at
    return with_questions(plan(each, policy, None, seen), each, policy, asking, seen)


def asked(found: Plan, kind: str) -> Item | None:
    return next((item for item in found.items if item.kind == kind), None)


def kinds(found: Plan) -> set[str]:
    return {item.kind for item in found.items} | {each.kind for each in found.dropped}


def why(found: Plan, kind: str) -> str:
    return next(each.why for each in found.dropped if each.kind == kind)


# --- after a session --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "when"),
    [
        ("2026-12-03T14:00", "2026-12-03T14:20"),  # before its end: ten minutes after it
        ("2026-12-03T14:10", "2026-12-03T14:20"),
        ("2026-12-03T14:20", "2026-12-03T14:20"),
        ("2026-12-03T14:21", "2026-12-03T14:21"),
        ("2026-12-03T16:09", "2026-12-03T16:09"),
    ],
)
def test_it_is_asked_ten_minutes_to_two_hours_after_the_end(marked: str, when: str) -> None:
    item = asked(planned(meeting(marked=marked)), "after")
    assert item is not None
    assert local(item.when) == when
    assert local(item.expires) == "2026-12-03T16:10"


@pytest.mark.parametrize("marked", ["2026-12-03T16:10", "2026-12-03T18:00", "2026-12-05T10:00"])
def test_marked_too_late_nothing_is_asked_and_the_thank_you_goes(marked: str) -> None:
    found = planned(meeting(marked=marked))
    assert asked(found, "after") is None
    assert "för sent" in why(found, "after")
    assert asked(found, "thank_you") is not None


def test_it_takes_the_place_of_the_thank_you() -> None:
    found = planned(meeting(marked="2026-12-03T14:30"))
    assert asked(found, "thank_you") is None
    assert why(found, "thank_you") == "Frågorna efter träffen går i stället."


def test_a_late_session_is_asked_about_until_closing_and_not_the_next_day() -> None:
    item = asked(planned(meeting("2026-12-03T17:50", marked="2026-12-03T18:35")), "after")
    assert item is not None
    assert (local(item.when), local(item.expires)) == ("2026-12-03T18:40", "2026-12-03T19:00")
    found = planned(meeting("2026-12-03T18:30", marked="2026-12-03T19:15"))
    assert "kväll eller en röd dag" in why(found, "after")


def test_nothing_is_asked_on_a_red_day() -> None:
    assert "röd dag" in why(planned(meeting("2026-11-29T13:30", marked="2026-11-29T14:30")), "after")


def test_a_unit_that_does_not_ask_thanks_as_before() -> None:
    found = planned(meeting(marked="2026-12-03T14:30"), Asking())
    assert asked(found, "thank_you") is not None
    assert why(found, "after") == "Enheten ställer inga frågor efter träffar i meddelanden."


@pytest.mark.parametrize("held", HELD)
def test_what_holds_every_message_holds_the_question(held: HeldBy) -> None:
    found = planned(meeting(marked="2026-12-03T14:30", held_by=held))
    assert asked(found, "after") is None
    assert why(found, "after") == why(found, "thank_you")


def test_when_nobody_looked_in_time_the_thank_you_goes() -> None:
    found = planned(meeting(marked="2026-12-03T14:30"), now="2026-12-03T16:10")
    assert "hann inte" in why(found, "after")
    assert asked(found, "thank_you") is not None
    gone = planned(meeting(marked="2026-12-03T14:30"), replace(ASKS, done=frozenset({"after"})), now="2026-12-03T16:10")
    assert asked(gone, "thank_you") is None, "it was asked, and asking thanks"


@pytest.mark.parametrize("name", [name for name, (kind, _) in NOT_ASKED.items() if kind == "after"])
def test_what_was_in_the_way_is_told_and_the_thank_you_goes(name: str) -> None:
    found = planned(meeting(marked="2026-12-03T14:30"), replace(ASKS, done=frozenset({name})))
    assert why(found, "after") == NOT_ASKED[name][1]
    assert asked(found, "thank_you") is not None


@pytest.mark.parametrize("outcome", ["missed", "we_failed", "cancelled"])
def test_what_was_no_session_is_not_asked_about(outcome: str) -> None:
    found = planned(meeting(outcome=outcome, marked_at=at("2026-12-03T14:30")))
    assert "after" not in kinds(found)


# --- before one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "when"),
    [
        ("2026-12-03T13:30", "09:00"),
        ("2026-12-03T09:31", "09:00"),
        ("2026-12-03T09:30", None),
        ("2026-12-03T08:00", None),
    ],
)
def test_the_morning_question_comes_at_nine_with_half_an_hour_to_go(starts: str, when: str | None) -> None:
    found = planned(meeting(starts))
    item = asked(found, "before")
    assert (None if item is None else local(item.when)[11:]) == when
    assert item is None or item.expires == at(starts)


def test_booked_the_same_morning_it_is_asked_then() -> None:
    item = asked(planned(replace(meeting(), booked_at=at("2026-12-03T10:15"))), "before")
    assert item is not None
    assert local(item.when) == "2026-12-03T10:15"


def test_no_morning_question_where_others_read_or_on_a_red_day_or_after_a_no() -> None:
    assert "ses" in why(planned(meeting(), replace(ASKS, others_read=True)), "before")
    assert "Fråga när ni ses" in why(planned(meeting("2026-11-29T13:30")), "before")
    assert why(planned(meeting(answered="no")), "before") == "Personen har tackat nej."


def test_the_unit_chooses_the_morning_question() -> None:
    found = planned(meeting(), Asking(after=True))
    assert "before" not in kinds(found)


# --- what came of it --------------------------------------------------------------------------------------------------


def test_what_changed_waits_for_the_hours_and_for_two_weeks() -> None:
    told = replace(ASKS, changed_at=at("2026-12-04T20:00"))
    item = asked(planned(meeting(marked="2026-12-03T14:30"), told), "what_changed")
    assert item is not None
    assert local(item.when) == "2026-12-05T09:00"  # a Saturday is no red day
    assert item.expires == at("2026-12-04T20:00") + WORTH_TELLING


# --- for all ----------------------------------------------------------------------------------------------------------

askings = st.builds(
    Asking,
    after=st.booleans(),
    before=st.booleans(),
    within=st.sampled_from([timedelta(minutes=10), timedelta(hours=2), timedelta(days=1)]),
    others_read=st.booleans(),
    done=st.frozensets(st.sampled_from(["after", "before", "what_changed", *NOT_ASKED]), max_size=2),
)


@given(meetings, policies, askings)
def test_what_is_asked_keeps_hours_days_and_its_window(each: Meeting, policy: Policy, asking: Asking) -> None:
    found = with_questions(plan(each, policy, None, each.booked_at), each, policy, asking, each.booked_at)
    for item in found.items:
        if item.kind not in QUESTIONS:
            continue
        wall = item.when.astimezone(SWEDEN)
        assert policy.hours.starts <= wall.time().replace(microsecond=0) < policy.hours.ends
        assert not is_red_day(wall.date())
        assert item.when < item.expires
        assert each.held_by is None or item.kind in asking.done
        if item.kind == "after":
            assert each.outcome == "attended"
            assert each.ends + A_PAUSE <= item.when < item.expires <= each.ends + asking.within
        if item.kind == "before":
            assert wall.date() == each.starts.astimezone(SWEDEN).date()
            assert item.expires == each.starts
            assert not asking.others_read


@given(meetings, policies, askings)
def test_one_message_after_a_session_not_two(each: Meeting, policy: Policy, asking: Asking) -> None:
    before = plan(each, policy, None, each.booked_at)
    found = with_questions(before, each, policy, asking, each.booked_at)
    said = [item.kind for item in found.items]
    assert not {"after", "thank_you"} <= set(said)
    told = [*said, *(dropped.kind for dropped in found.dropped)]
    assert len(told) == len(set(told))
    assert [item for item in found.items if item.kind not in QUESTIONS] == [
        item for item in before.items if item.kind != "thank_you" or "thank_you" in said
    ]
    assert all(one.why.endswith(".") for one in found.dropped)


def test_sending_hours_of_the_unit_count() -> None:
    narrow = Policy(
        hours=Hours(at("2026-12-03T10:00").astimezone(SWEDEN).time(), at("2026-12-03T14:30").astimezone(SWEDEN).time())
    )
    item = asked(planned(meeting(marked="2026-12-03T14:15"), policy=narrow), "after")
    assert item is not None
    assert local(item.expires) == "2026-12-03T14:30"
