"""What holds for every offer, whatever the week, what is taken, the unit's rules and the wish."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.roster import Absence, Roster, Shift, spans
from rules.slots import AT_ONCE, Free, Need, Offer, Start, UnitRules, Wanted, five_minutes, more, near, offers, only
from rules.travel import Travel

SWEDEN = ZoneInfo("Europe/Stockholm")
FIVE = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLACES = ["skutan", "hos oss", None]

days = st.dates(date(2027, 3, 20), date(2027, 4, 3)) | st.dates(date(2027, 10, 24), date(2027, 11, 6))
moments = st.builds(
    lambda day, minute: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute),
    days,
    st.integers(0, 24 * 60 - 1),
)
clocks = st.integers(0, 24 * 12 - 1).map(lambda five: time(*divmod(five * 5, 60)))
two_clocks = st.sampled_from([[time(8), time(16)], [time(0), time(23, 55)]]) | st.lists(
    clocks, min_size=2, max_size=2, unique=True
).map(sorted)
people = st.integers(1, 3)
shifts = st.builds(lambda who, day, two: Shift(who, day, *two), people, st.integers(0, 6), two_clocks)
absences = st.builds(lambda day, who, two: Absence(day, who, *two), days, people | st.none(), two_clocks) | st.builds(
    Absence, days, people
)
rosters = st.builds(
    Roster,
    st.lists(shifts, min_size=2, max_size=8).map(tuple),
    st.lists(absences, max_size=2).map(tuple),
    works_red_days=st.booleans(),
)
travels = st.builds(
    Travel,
    st.dictionaries(st.just(("hos oss", "skutan")), st.integers(0, 40)),
    st.just("hos oss"),
    st.integers(0, 20),
)
starts = st.builds(Start, clocks, st.frozensets(st.integers(0, 6), min_size=1), st.sampled_from(PLACES))
unit_rules = st.builds(
    lambda two, **rest: UnitRules(*two, **rest),
    two_clocks,
    notice=st.integers(0, 24).map(lambda n: timedelta(hours=n)),
    horizon_days=st.integers(1, 14),
    step=st.sampled_from([15, 30, 20, 5]),
    starts=st.just(()) | st.lists(starts, max_size=3).map(tuple),
    travel=travels,
)
busy = st.lists(st.tuples(people, moments, st.integers(1, 300)), max_size=8).map(
    lambda rows: {
        who: frozenset(
            number
            for other, at, minutes in rows
            if other == who
            for number in five_minutes(at, at + timedelta(minutes=minutes))
        )
        for who, _, _ in rows
    }
)
frees = st.builds(Free, rosters, busy, unit_rules)
needs = st.builds(
    Need,
    st.sampled_from([20, 40, 60, 37]),
    st.sampled_from(PLACES),
    st.sampled_from(["morning", "after_lunch", "later", None]),
    people | st.none(),
    st.none() | st.frozensets(people),
    st.builds(
        lambda at, minutes: frozenset(five_minutes(at, at + timedelta(minutes=minutes))), moments, st.integers(1, 90)
    ),
)
wishes = st.builds(
    lambda one, minutes, daily, not_on: Wanted(one, one + timedelta(minutes=minutes), daily, tuple(not_on)),
    moments,
    st.just(0) | st.integers(0, 60 * 24 * 7),
    st.none() | two_clocks.map(lambda two: (two[0], two[1])),
    st.lists(days, max_size=2),
)


def wall(at: datetime) -> datetime:
    return at.astimezone(SWEDEN).replace(tzinfo=None)


def assert_possible(offer: Offer, where: Free, need: Need, now: datetime) -> None:
    """Whatever was wished, this time can be kept; worked out anew, on five minutes of the clock."""
    rules = where.rules
    assert offer.ends - offer.starts == timedelta(minutes=need.minutes)
    assert offer.starts >= now + rules.notice
    assert wall(offer.starts).date() <= wall(now).date() + timedelta(days=rules.horizon_days)
    assert rules.earliest <= wall(offer.starts).time()
    assert wall(offer.ends).date() == wall(offer.starts).date()
    assert wall(offer.ends).time() <= rules.latest
    before, after = rules.travel.around(need.place)
    away, back = offer.starts - timedelta(minutes=before), offer.ends + timedelta(minutes=after)
    first, last = EPOCH + offer.takes[0] * FIVE, EPOCH + (offer.takes[-1] + 1) * FIVE
    assert first <= away < first + FIVE
    assert last - FIVE < back <= last
    assert set(offer.takes).isdisjoint(where.busy.get(offer.staff, ()))
    assert need.busy.isdisjoint(five_minutes(offer.starts, offer.ends))
    at_work = spans(only(where.availability, offer.staff), wall(offer.starts).date())
    assert any(span.starts <= away and back <= span.ends for span in at_work)
    assert need.staff is None or offer.staff in need.staff
    buses = [each for each in rules.starts if need.place is not None and each.place in (None, need.place)]
    today = [each.clock for each in buses if wall(offer.starts).weekday() in each.weekdays]
    assert not buses or wall(offer.starts).time() in today


@given(frees, needs, moments)
def test_every_offer_can_be_kept(where: Free, need: Need, now: datetime) -> None:
    found = offers(where, need, now)
    assert len(found) <= AT_ONCE
    for offer in found:
        assert_possible(offer, where, need, now)


@given(frees, needs, moments, wishes)
def test_every_answer_to_own_words_can_be_kept(where: Free, need: Need, now: datetime, wanted: Wanted) -> None:
    found = near(where, need, now, wanted)
    assert len(found) <= AT_ONCE
    assert [offer.fits for offer in found] == sorted((offer.fits for offer in found), reverse=True)
    for offer in found:
        assert_possible(offer, where, need, now)
        assert wall(offer.starts).date() not in wanted.not_on
        if offer.fits:
            slack = FIVE if wanted.starts == wanted.ends else timedelta(0)
            assert wanted.starts <= offer.starts <= wanted.ends + slack
            daily = wanted.daily or (time(0), time(23, 59))
            assert daily[0] <= wall(offer.starts).time() <= daily[1]


@given(frees, needs, moments)
def test_parts_that_fit_come_first(where: Free, need: Need, now: datetime) -> None:
    found = offers(where, need, now)
    assert [offer.fits for offer in found] == sorted((offer.fits for offer in found), reverse=True)
    for offer in found:
        clock = wall(offer.starts).time()
        inside = {
            "morning": clock < time(12),
            "after_lunch": time(12, 30) <= clock < time(15),
            "later": clock >= time(15),
        }
        assert offer.fits == (need.part is None or inside[need.part])


@settings(max_examples=40)
@given(frees, needs, moments)
def test_pages_show_every_minute_once(where: Free, need: Need, now: datetime) -> None:
    seen: list[tuple[datetime, int]] = []
    while (page := more(where, need, now, seen)) and len(seen) < 60:
        assert not {offer.starts for offer in page} & {starts for starts, _ in seen}
        seen += [(offer.starts, offer.staff) for offer in page]
    assert len({starts for starts, _ in seen}) == len(seen)


@given(frees, needs, moments, wishes)
def test_the_same_values_give_the_same_times(where: Free, need: Need, now: datetime, wanted: Wanted) -> None:
    reordered = Free(
        Roster(
            where.availability.shifts[::-1],
            where.availability.exceptions,
            works_red_days=where.availability.works_red_days,
        ),
        dict(reversed(list(where.busy.items()))),
        where.rules,
    )
    assert offers(where, need, now) == offers(reordered, need, now)
    assert near(where, need, now, wanted) == near(reordered, need, now, wanted)


@given(frees, moments)
def test_offers_are_spread_over_days(where: Free, now: datetime) -> None:
    first = wall(now).date()
    able = set[date]()
    for ahead in range(where.rules.horizon_days + 1):
        day = first + timedelta(days=ahead)
        noon = datetime.combine(day, time(12), SWEDEN)
        half = timedelta(hours=14)  # reaches over both ends of the day, also of one of 25 hours
        others = tuple(day + timedelta(days=n) for n in (-1, 1))
        found = near(where, Need(20), now, Wanted(noon - half, noon + half, not_on=others))
        able |= {wall(offer.starts).date() for offer in found if offer.fits}
    used = {wall(offer.starts).date() for offer in offers(where, Need(20), now)}
    assert len(used) == min(AT_ONCE, len(able))


@given(moments, st.integers(1, 300), st.integers(0, 60), st.integers(0, 60))
def test_five_minutes_cover_all_and_no_more(at: datetime, minutes: int, before: int, after: int) -> None:
    ends = at + timedelta(minutes=minutes)
    numbers = five_minutes(at, ends, before, after)
    assert list(numbers) == list(range(numbers[0], numbers[-1] + 1))
    first, last = EPOCH + numbers[0] * FIVE, EPOCH + (numbers[-1] + 1) * FIVE
    assert first <= at - timedelta(minutes=before) < first + FIVE
    assert last - FIVE < ends + timedelta(minutes=after) <= last


@given(moments, st.integers(1, 100), st.integers(0, 100), st.integers(1, 100))
def test_meetings_that_overlap_share_five_minutes(at: datetime, one: int, gap: int, two: int) -> None:
    first = five_minutes(at, at + timedelta(minutes=one))
    later = at + timedelta(minutes=gap)
    second = five_minutes(later, later + timedelta(minutes=two))
    if gap < one:
        assert set(first) & set(second)
    if gap >= one + 5:
        assert not set(first) & set(second)
