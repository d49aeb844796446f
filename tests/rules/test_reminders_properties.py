"""What holds for every plan, whatever the meeting, the unit and the person."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from rules.reminders import AFTER, APART, BEFORE, Item, Meeting, Policy, Wish, key, next_look, plan
from rules.roster import Roster, Shift, spans
from rules.sending import Hours

SWEDEN = ZoneInfo("Europe/Stockholm")
FIRST, LAST = datetime(2026, 11, 1, tzinfo=UTC), datetime(2028, 11, 1, tzinfo=UTC)
CHANGES = [datetime(*day, 1, tzinfo=UTC) for day in ((2027, 3, 28), (2027, 10, 31), (2028, 3, 26), (2028, 10, 29))]
MINUTE = timedelta(minutes=1)

anywhere = st.integers(0, int((LAST - FIRST) / MINUTE)).map(lambda n: FIRST + n * MINUTE)
near_a_change = st.builds(lambda change, n: change + n * MINUTE, st.sampled_from(CHANGES), st.integers(-4000, 4000))
starts = anywhere | near_a_change
leads = st.integers(0, 60 * 24 * 14) | st.sampled_from([60 * 24 * 5, 60 * 24, 180, 120, 1])
clocks = st.integers(0, 24 * 60 - 1).map(lambda minute: time(*divmod(minute, 60)))
two_clocks = st.lists(clocks, min_size=2, max_size=2, unique=True)
hours = st.just(Hours()) | two_clocks.map(lambda two: Hours(min(two), max(two)))
shifts = st.builds(
    lambda day, two: Shift(1, day, min(two), max(two)),
    st.integers(0, 6),
    two_clocks,
)
rosters = st.builds(Roster, st.lists(shifts, max_size=6).map(tuple))
policies = st.builds(
    Policy,
    off=st.frozensets(st.sampled_from([*BEFORE[1:], *AFTER]), max_size=2),
    three_days_at=st.just(time(17)) | clocks,
    day_before_at=st.just(time(17)) | clocks,
    silence_at=st.just(time(13)) | clocks,
    same_day_before=st.just(timedelta(hours=2)) | st.integers(1, 60 * 24).map(lambda n: n * MINUTE),
    hours=hours,
    roster=rosters,
)
wishes = st.builds(Wish, st.booleans(), st.booleans(), st.none() | anywhere)
statuses = st.fixed_dictionaries(
    {
        "answered": st.sampled_from([None, None, "yes", "no", "move"]),
        "cancelled": st.sampled_from([False, False, False, True]),
        "told": st.booleans(),
        "staff": st.sampled_from([None, 1, 2]),
        "held_by": st.sampled_from([None, None, None, "stopped", "resting", "unreachable", "protected"]),
        "misses_before": st.integers(0, 2),
        "outcome": st.sampled_from([None, None, None, "attended", "missed", "we_failed", "cancelled"]),
    }
)


def built(begins: datetime, lead: int, changed: int | None, wish: Wish, status: dict[str, Any], mark: int) -> Meeting:
    booked = begins - lead * MINUTE
    return Meeting(
        begins,
        begins + 40 * MINUTE,
        booked,
        changed_at=None if changed is None else booked + changed * MINUTE,
        wish=wish,
        marked_at=begins + mark * MINUTE,
        **status,
    )


meetings = st.builds(
    built, starts, leads, st.none() | st.integers(0, 60 * 24 * 6), wishes, statuses, st.integers(-600, 60 * 24 * 5)
)


def floor(meeting: Meeting) -> datetime:
    return max(meeting.booked_at, meeting.changed_at or meeting.booked_at)


def is_open(at: datetime, opening: Hours) -> bool:
    """Worked out from the wall clock alone, not as the rule does it."""
    return opening.starts <= at.astimezone(SWEDEN).time().replace(microsecond=0) < opening.ends


def to_person(meeting: Meeting, policy: Policy) -> list[Item]:
    return [item for item in plan(meeting, policy, None, floor(meeting)).items if not item.to_staff]


@given(meetings, policies)
def test_no_reminder_is_in_closed_hours(meeting: Meeting, policy: Policy) -> None:
    for item in to_person(meeting, policy):
        exempt = item.kind == "confirmation" and meeting.starts - floor(meeting) <= timedelta(hours=24)
        no_hour_left = item.kind == "confirmation" and item.when == floor(meeting) and policy.hours != Hours()
        assert is_open(item.when, policy.hours) or exempt or no_hour_left


@given(meetings, policies)
def test_what_comes_before_ends_by_the_start(meeting: Meeting, policy: Policy) -> None:
    for item in plan(meeting, policy, None, floor(meeting)).items:
        assert item.when < item.expires
        if item.kind in BEFORE:
            assert floor(meeting) <= item.when
            assert item.expires <= meeting.starts
        else:
            assert item.when >= meeting.ends


@given(meetings, policies)
def test_every_kind_is_said_or_dropped_once(meeting: Meeting, policy: Policy) -> None:
    found = plan(meeting, policy, None, floor(meeting))
    kinds = [item.kind for item in found.items] + [each.kind for each in found.dropped]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) >= set(BEFORE)
    assert all(why.endswith(".") for why in [each.why for each in found.items] + [each.why for each in found.dropped])
    assert len({key(1, meeting, kind) for kind in kinds}) == len(kinds)


def test_keys_name_meeting_version_and_kind() -> None:
    meeting = Meeting(FIRST, FIRST + MINUTE, FIRST - MINUTE, version=2)
    assert key(77, meeting, "day_before") == "plan:77:2:day_before"


@given(meetings, policies)
def test_messages_to_the_person_stand_apart(meeting: Meeting, policy: Policy) -> None:
    said = [item for item in to_person(meeting, policy) if item.kind in BEFORE]
    for one, two in pairwise(said):
        assert two.when - one.when > APART
        assert one.expires <= max(two.when - APART, one.when + timedelta(minutes=30))


@given(meetings, policies, starts)
def test_never_two_to_the_person_are_due_at_once(meeting: Meeting, policy: Policy, now: datetime) -> None:
    due = plan(meeting, policy, None, now).due(now)
    assert len([item for item in due if not item.to_staff]) <= 1


@given(meetings, policies, starts, starts)
def test_plans_at_two_moments_agree(meeting: Meeting, policy: Policy, one: datetime, two: datetime) -> None:
    first, second = plan(meeting, policy, None, one), plan(meeting, policy, None, two)
    assert first.dropped == second.dropped
    later = max(one, two)
    plain = [[(i.kind, i.when, i.expires, i.why) for i in found.items] for found in (first, second)]
    assert plain[0] == plain[1]
    for moment, found in ((one, first), (two, second)):
        assert all(item.expired == (item.expires <= moment) for item in found.items)
    assert [i for i in first.items if i.expires > later] == [i for i in second.items if i.expires > later]


@given(meetings, policies)
def test_looking_at_each_next_look_sees_all(meeting: Meeting, policy: Policy) -> None:
    now: datetime | None = floor(meeting)
    seen: list[str] = []
    while now is not None:
        seen += [item.kind for item in plan(meeting, policy, None, now).due(now) if item.kind not in seen]
        later = next_look(meeting, policy, now)
        assert later is None or later > now
        now = later
    assert sorted(seen) == sorted(item.kind for item in plan(meeting, policy, None, floor(meeting)).items)


@given(meetings, policies, st.lists(st.integers(1, 60 * 24 * 3), min_size=1, max_size=20))
def test_late_looks_say_one_thing_at_a_time(meeting: Meeting, policy: Policy, gaps: list[int]) -> None:
    """A sweep that was away says at most one thing to the person; what it missed is expired, what it said was not."""
    now, said = floor(meeting), dict[str, datetime]()
    for gap in gaps:
        new = [item for item in plan(meeting, policy, None, now).due(now) if item.kind not in said]
        assert len([item for item in new if not item.to_staff]) <= 1
        said |= {item.kind: now for item in new}
        now += gap * MINUTE
    for item in plan(meeting, policy, None, now).items:
        if item.kind in said:
            assert item.when <= said[item.kind] < item.expires
        elif item.when <= now - gaps[-1] * MINUTE:
            assert item.expired


@given(meetings, policies)
@example(
    Meeting(CHANGES[0] + 7 * 60 * MINUTE, CHANGES[0] + 8 * 60 * MINUTE, CHANGES[0] - timedelta(days=8)),
    Policy(roster=Roster((Shift(1, 3, time(8), time(16)),))),
)
def test_staff_are_asked_when_somebody_is_at_work(meeting: Meeting, policy: Policy) -> None:
    for item in plan(meeting, policy, None, floor(meeting)).items:
        if item.to_staff:
            day = item.when.astimezone(SWEDEN).date()
            assert any(span.starts <= item.when < span.ends for span in spans(policy.roster, day))
        if item.kind == "silence":
            first, last = item.when.astimezone(SWEDEN).date(), meeting.starts.astimezone(SWEDEN).date()
            between = [first + timedelta(days=n) for n in range(1, (last - first).days)]
            assert not any(spans(policy.roster, day) for day in between)
            assert first < last


@given(meetings, policies)
def test_who_must_not_be_written_to_is_not(meeting: Meeting, policy: Policy) -> None:
    said = {item.kind for item in to_person(meeting, policy)}
    if meeting.held_by is not None or meeting.cancelled:
        assert said == set()
    if meeting.answered in ("no", "move"):
        assert said <= {"thank_you"}
    if not meeting.wish.reminders:
        assert said <= {"confirmation", "thank_you", "missed", "we_failed"}
    if not meeting.wish.same_day:
        assert "same_day" not in said
    assert not said & policy.off


@given(starts, leads, policies)
def test_a_kind_that_is_off_takes_only_itself(begins: datetime, lead: int, policy: Policy) -> None:
    """Nobody's switch makes another message appear at another time; it may let an earlier one stand."""
    meeting = built(begins, lead, None, Wish(same_day=True), {}, 0)
    all_on = Policy(
        frozenset(),
        policy.three_days_at,
        policy.day_before_at,
        policy.silence_at,
        policy.same_day_before,
        policy.hours,
        policy.roster,
    )
    when = {item.kind: item.when for item in plan(meeting, all_on, None, begins).items}
    for item in plan(meeting, policy, None, begins).items:
        assert when.get(item.kind, item.when) == item.when
