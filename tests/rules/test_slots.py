from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.roster import Absence, Roster, Shift
from rules.slots import Free, Need, Offer, Shown, Start, UnitRules, Wanted, five_minutes, more, near, offers, only
from rules.travel import Travel

SWEDEN = ZoneInfo("Europe/Stockholm")
ANNA, ERIK = 1, 2
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)  # Monday 30 November, 10.00
WALK = Need(40, "skutan")


def at(text: str) -> datetime:
    """A Swedish wall time, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SWEDEN).astimezone(UTC)


def weekdays(*staff: int, starts: time = time(8), ends: time = time(16)) -> Roster:
    return Roster(tuple(Shift(who, day, starts, ends) for who in staff for day in range(5)))


def taken(*spans: tuple[str, str]) -> frozenset[int]:
    return frozenset(number for one, two in spans for number in five_minutes(at(one), at(two)))


def free(*staff: int, rules: UnitRules | None = None, **busy: Collection[int]) -> Free:
    by_name = {"anna": ANNA, "erik": ERIK}
    return Free(weekdays(*staff), {by_name[name]: numbers for name, numbers in busy.items()}, rules or UnitRules())


def said(found: tuple[Offer, ...]) -> list[str]:
    """Offers as a person reads them, with the staff member's number."""
    return [f"{offer.starts.astimezone(SWEDEN):%d %H.%M} {offer.staff}" for offer in found]


def as_shown(found: tuple[Offer, ...]) -> Shown:
    return [(offer.starts, offer.staff) for offer in found]


# --- what is offered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        (Need(40, part="morning"), ["01 10.00 1", "02 10.45 1", "03 09.15 1"]),
        (Need(40, part="after_lunch"), ["30 13.00 1", "01 13.45 1", "02 14.30 1"]),
        (Need(40, part="later"), ["30 15.00 1", "01 15.00 1", "02 15.00 1"]),
        (Need(40), ["30 13.00 1", "01 13.45 1", "02 12.15 1"]),
    ],
)
def test_three_times_near_the_wished_part(need: Need, expected: list[str]) -> None:
    found = offers(free(ANNA), need, NOW)
    assert said(found) == expected
    assert all(offer.fits for offer in found)


def test_more_goes_onward_until_all_are_shown() -> None:
    need, where = Need(40, part="later"), free(ANNA, rules=UnitRules(horizon_days=4))
    seen: list[tuple[datetime, int]] = []
    pages = []
    while page := more(where, need, NOW, seen):
        pages.append(said(page))
        seen += as_shown(page)
    flat = [each for page in pages for each in page]
    assert pages[0] == said(offers(where, need, NOW))
    assert [day.split()[0] for day in flat[:5]] == ["30", "01", "02", "03", "04"]
    assert len(flat) == len(set(flat))
    assert more(where, need, NOW, seen) == ()


def test_no_free_time_gives_nothing() -> None:
    assert offers(Free(Roster()), WALK, NOW) == ()
    all_month = five_minutes(NOW, NOW + timedelta(days=40))
    assert offers(free(ANNA, anna=frozenset(all_month)), WALK, NOW) == ()


def test_outside_the_wished_part_the_nearest_is_told_as_such() -> None:
    where = Free(weekdays(ANNA, starts=time(8), ends=time(11)))
    found = offers(where, Need(40, part="later"), NOW)
    assert said(found) == ["01 10.15 1", "02 10.15 1", "03 10.15 1"]
    assert not any(offer.fits for offer in found)


def test_own_staff_member_comes_first() -> None:
    need = Need(40, part="morning", own=ERIK)
    assert {offer.staff for offer in offers(free(ANNA, ERIK), need, NOW)} == {ERIK}
    only_once = taken(("2026-11-30T08:00", "2026-12-02T10:00"), ("2026-12-02T10:40", "2026-12-29T10:00"))
    found = offers(free(ANNA, ERIK, erik=only_once), need, NOW)
    assert [offer.staff for offer in found] == [ERIK, ANNA, ANNA]


def test_own_staff_member_far_ahead_waits_in_line() -> None:
    need = Need(40, own=ERIK)
    away = taken(("2026-11-30T08:00", "2026-12-18T16:00"))
    assert {offer.staff for offer in offers(free(ANNA, ERIK, erik=away), need, NOW)} == {ANNA}


def test_staff_take_turns_when_nobody_is_own() -> None:
    found = offers(free(ANNA, ERIK), Need(40, part="morning"), NOW)
    assert sorted(offer.staff for offer in found) in ([ANNA, ANNA, ERIK], [ANNA, ERIK, ERIK])


def test_only_chosen_staff_are_offered() -> None:
    found = offers(free(ANNA, ERIK), Need(40, staff=frozenset({ERIK, 9})), NOW)
    assert {offer.staff for offer in found} == {ERIK}


def test_the_one_with_less_booked_comes_first() -> None:
    busy = taken(("2026-12-10T09:00", "2026-12-10T15:00"))
    assert offers(free(ANNA, ERIK, anna=busy), WALK, NOW)[0].staff == ERIK
    assert offers(free(ANNA, ERIK, erik=busy), WALK, NOW)[0].staff == ANNA


def test_meetings_are_shared_evenly_in_the_long_run() -> None:
    busy: dict[int, set[int]] = {ANNA: set(), ERIK: set()}
    given = {ANNA: 0, ERIK: 0}
    for _ in range(40):
        first = offers(Free(weekdays(ANNA, ERIK), busy), WALK, NOW)[0]
        assert busy[first.staff].isdisjoint(first.takes)
        busy[first.staff].update(first.takes)
        given[first.staff] += 1
        assert abs(given[ANNA] - given[ERIK]) <= 1


def test_the_persons_own_meeting_is_in_the_way() -> None:
    mine = Need(40, busy=taken(("2026-11-30T13:00", "2026-11-30T17:00")))
    assert said(offers(free(ANNA), mine, NOW))[0] == "01 13.00 1"


# --- the unit's rules ----------------------------------------------------------------------------------------------


def test_notice_and_hours_are_kept() -> None:
    soon = offers(free(ANNA, rules=UnitRules(notice=timedelta(hours=4, minutes=1))), Need(40), NOW)
    assert said(soon)[0] == "30 14.15 1"
    short = UnitRules(earliest=time(10), latest=time(11), notice=timedelta(0))
    found = offers(free(ANNA, rules=short), Need(60), NOW)
    assert [each.split()[1] for each in said(found)] == ["10.00"] * 3
    assert offers(free(ANNA, rules=short), Need(61), NOW) == ()


def test_bus_friendly_starts_are_all_that_is_offered() -> None:
    buses = (Start(time(9, 40), place="skutan"), Start(time(14, 10), frozenset({1}), "skutan"))
    where = free(ANNA, rules=UnitRules(starts=buses))
    assert [each.split()[1] for each in said(offers(where, Need(40, "skutan", "morning"), NOW))] == ["09.40"] * 3
    assert said(offers(where, Need(40, "skutan", "after_lunch"), NOW))[:2] == ["01 14.10 1", "08 14.10 1"]
    assert said(offers(where, Need(40, "hos oss"), NOW))[0] == "30 13.00 1"
    assert said(offers(where, Need(40), NOW))[0] == "30 13.00 1"  # a call waits for no bus


def test_a_bus_for_every_place_binds_all() -> None:
    where = free(ANNA, rules=UnitRules(starts=(Start(time(9, 40), frozenset({2})),)))
    assert said(offers(where, Need(40, "hos oss"), NOW)) == ["02 09.40 1", "09 09.40 1", "16 09.40 1"]
    assert said(offers(where, Need(40), NOW))[0] == "30 13.00 1"


def test_travel_is_taken_and_kept_free() -> None:
    travel = Travel({("hos oss", "skutan"): 15}, base="hos oss", otherwise=30)
    rules = UnitRules(travel=travel)
    busy = taken(("2026-11-30T08:00", "2026-11-30T13:00"), ("2026-11-30T14:00", "2026-12-30T14:00"))
    assert offers(free(ANNA, rules=rules, anna=busy), Need(40, "skutan"), NOW) == ()
    found = offers(free(ANNA, rules=rules, anna=busy), Need(30, "skutan"), NOW)
    assert said(found) == ["30 13.15 1"]
    assert found[0].takes == five_minutes(at("2026-11-30T13:00"), at("2026-11-30T14:00"))
    assert offers(free(ANNA, rules=rules, anna=busy), Need(30, "hemma"), NOW) == ()
    assert said(offers(free(ANNA, rules=rules, anna=busy), Need(60, "hos oss"), NOW)) == ["30 13.00 1"]


def test_travel_counts_within_working_hours() -> None:
    rules = UnitRules(earliest=time(8), travel=Travel(base="hos oss", otherwise=25))
    need = Need(40, "skutan", "morning")
    assert offers(Free(weekdays(ANNA, ends=time(9, 29)), rules=rules), need, NOW) == ()
    found = offers(Free(weekdays(ANNA, ends=time(9, 35)), rules=rules), need, NOW)
    assert said(found) == ["01 08.30 1", "02 08.30 1", "03 08.30 1"]


def test_travel_is_the_same_both_ways_unless_told() -> None:
    travel = Travel({("a", "b"): 10, ("b", "c"): 20, ("c", "b"): 25}, base="b", otherwise=5)
    assert [travel.between(*pair) for pair in (("a", "b"), ("b", "a"), ("c", "b"), ("a", "c"), ("a", "a"))] == [
        10,
        10,
        25,
        5,
        0,
    ]
    assert (travel.around("c"), travel.around(None)) == ((20, 25), (0, 0))


def test_exceptions_of_the_week_are_kept() -> None:
    roster = Roster(
        weekdays(ANNA, ERIK).shifts,
        (
            Absence(date(2026, 11, 30), ANNA),
            Absence(date(2026, 12, 1)),
            Absence(date(2026, 12, 5), ERIK, time(10), time(11)),
        ),
    )
    found = offers(Free(roster), Need(40, staff=frozenset({ERIK})), NOW)
    assert said(found)[:2] == ["30 13.00 2", "02 13.45 2"]
    saturday = near(Free(roster), Need(40), NOW, Wanted(at("2026-12-05T08:00"), at("2026-12-05T18:00")))
    assert said(saturday)[0] == "05 10.00 2"
    assert only(roster, ANNA).exceptions == roster.exceptions[:2]


def test_red_days_are_closed_unless_somebody_works() -> None:
    now = at("2026-12-23T10:00")
    assert said(offers(free(ANNA), Need(40), now)) == ["23 13.00 1", "28 13.45 1", "29 12.15 1"]


# --- in their own words --------------------------------------------------------------------------------------------


def minute(text: str) -> Wanted:
    return Wanted(at(text), at(text))


def test_a_free_minute_is_offered_as_it_is() -> None:
    found = near(free(ANNA), WALK, NOW, minute("2026-12-10T15:10"))
    assert said(found) == ["10 15.10 1", "10 15.15 1", "10 15.00 1"]
    assert [offer.fits for offer in found] == [True, False, False]


def test_a_crooked_minute_is_rounded_up() -> None:
    assert said(near(free(ANNA), WALK, NOW, minute("2026-12-10T13:07")))[0] == "10 13.10 1"


def test_a_taken_minute_gives_the_nearest() -> None:
    busy = taken(("2026-12-10T13:00", "2026-12-10T14:00"))
    found = near(free(ANNA, anna=busy), WALK, NOW, minute("2026-12-10T13:30"))
    assert said(found) == ["10 14.00 1", "10 14.15 1", "10 14.30 1"]
    assert not any(offer.fits for offer in found)
    other = near(free(ANNA, ERIK, anna=busy), Need(40, own=ANNA), NOW, minute("2026-12-10T13:30"))
    assert said(other)[0] == "10 13.30 2"


def test_a_window_gives_its_first_free_times() -> None:
    window = Wanted(at("2026-12-10T15:00"), at("2026-12-10T17:00"))
    assert said(near(free(ANNA), WALK, NOW, window)) == ["10 15.00 1", "10 15.15 1", "10 14.45 1"]


def test_a_week_of_afternoons_is_spread() -> None:
    week = Wanted(at("2026-12-07T13:00"), at("2026-12-13T17:00"), (time(13), time(17)), (date(2026, 12, 8),))
    found = near(free(ANNA), WALK, NOW, week)
    assert said(found) == ["07 13.00 1", "09 13.45 1", "10 14.30 1"]
    assert said(near(free(ANNA), WALK, NOW, week, as_shown(found)))[0] == "11 15.15 1"


def test_days_said_no_to_are_never_offered() -> None:
    day = Wanted(at("2026-12-10T00:00"), at("2026-12-10T23:59"), not_on=(date(2026, 12, 10), date(2026, 12, 9)))
    assert [offer.starts.astimezone(SWEDEN).day for offer in near(free(ANNA), WALK, NOW, day)] == [11, 11, 11]


def test_the_past_is_never_offered() -> None:
    found = near(free(ANNA), WALK, NOW, minute("2026-11-27T13:00"))
    assert all(offer.starts >= NOW + timedelta(hours=3) for offer in found)
    assert not any(offer.fits for offer in found)


def test_a_wished_minute_off_the_bus_is_not_offered() -> None:
    where = free(ANNA, rules=UnitRules(starts=(Start(time(9, 40)),)))
    found = near(where, WALK, NOW, minute("2026-12-10T09:30"))
    assert said(found)[0] == "10 09.40 1"
    assert not found[0].fits


# --- the nights when the clocks change, and what cannot be -----------------------------------------------------------


def test_clocks_that_spring_skips_are_not_offered() -> None:
    night = Roster((Shift(ANNA, 6, time(0), time(6)),), works_red_days=True)
    rules = UnitRules(time(0), time(6), timedelta(0), 1, 30)
    where, now = Free(night, rules=rules), at("2027-03-27T22:00")
    seen: list[tuple[datetime, int]] = []
    while page := more(where, Need(30), now, seen):
        seen += as_shown(page)
    clocks = sorted(starts.astimezone(SWEDEN).strftime("%H.%M") for starts, _ in seen)
    assert clocks == ["00.00", "00.30", "01.00", "01.30", "03.00", "03.30", "04.00", "04.30", "05.00", "05.30"]


def test_a_bus_in_the_skipped_hour_is_none() -> None:
    night = Roster((Shift(ANNA, 6, time(0), time(6)),), works_red_days=True)
    rules = UnitRules(time(0), time(6), timedelta(0), 8, starts=(Start(time(2, 30)),))
    assert said(offers(Free(night, rules=rules), Need(30, "skutan"), at("2027-03-27T22:00"))) == ["04 02.30 1"]


def test_the_second_of_two_clocks_may_be_wished() -> None:
    night = Roster((Shift(ANNA, 6, time(0), time(6)),), works_red_days=True)
    where = Free(night, rules=UnitRules(time(0), time(6), timedelta(0), 1))
    first, second = (datetime(2027, 10, 31, 2, 30, tzinfo=SWEDEN, fold=fold) for fold in (0, 1))
    now = at("2027-10-30T22:00")
    for wished in (first, second):
        found = near(where, Need(30), now, Wanted(wished, wished))
        assert (found[0].starts, found[0].fits) == (wished.astimezone(UTC), True)
    hour = near(where, Need(30), now, Wanted(first, second))  # one clock, an hour long
    assert [(offer.starts - first.astimezone(UTC), offer.fits) for offer in hour[:2]] == [
        (timedelta(0), True),
        (timedelta(minutes=15), True),
    ]


def test_a_meeting_over_the_change_lasts_its_minutes() -> None:
    night = Roster((Shift(ANNA, 6, time(0), time(6)),), works_red_days=True)
    rules = UnitRules(time(0), time(6), timedelta(0), 1, 30)
    found = near(Free(night, rules=rules), Need(60), at("2027-10-30T22:00"), minute("2027-10-31T02:30"))
    assert found[0].ends - found[0].starts == timedelta(hours=1)
    assert len(found[0].takes) == 12


def test_five_minutes_are_counted_from_the_epoch() -> None:
    start = datetime(1970, 1, 1, 1, tzinfo=UTC)
    assert five_minutes(start, start + timedelta(minutes=10)) == (12, 13)
    assert five_minutes(start, start + timedelta(minutes=11)) == (12, 13, 14)
    assert five_minutes(start + timedelta(minutes=4), start + timedelta(minutes=6)) == (12, 13)
    assert five_minutes(start, start + timedelta(minutes=5), 10, 3) == (10, 11, 12, 13)


def test_what_cannot_be_is_refused() -> None:
    naive = datetime(2026, 12, 3, 12)  # noqa: DTZ001 - the fault itself
    for wrong in ((naive, naive + timedelta(hours=1), 0, 0), (NOW, NOW, 0, 0), (NOW, NOW + timedelta(hours=1), -1, 0)):
        with pytest.raises(ValueError, match=r"zone|ends after"):
            five_minutes(*wrong)
    for make in (
        lambda: UnitRules(time(17), time(9)),
        lambda: UnitRules(step=7),
        lambda: UnitRules(step=0),
        lambda: UnitRules(notice=timedelta(hours=-1)),
        lambda: Need(0),
        lambda: Wanted(naive, naive),
        lambda: Wanted(NOW, NOW - timedelta(hours=1)),
        lambda: Travel(otherwise=-1),
        lambda: Travel({("a", "b"): -1}),
    ):
        with pytest.raises(ValueError, match=r"."):
            make()
