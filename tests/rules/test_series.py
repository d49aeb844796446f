"""Series by RFC 5545, in Swedish time and in Swedish words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.bad_input import BadInput
from rules.calendar import red_day_name, to_local, weekday_name
from rules.series import LONGEST_DAYS, MOST, in_words, occasions, read_rule

TUESDAY = date(2026, 11, 24)
AT = time(14)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def days(rule: str, first: date = TUESDAY) -> list[date]:
    return [to_local(each.starts).date() for each in occasions(rule, first, AT)]


def test_every_tuesday_until_a_day_that_is_one_of_them() -> None:
    assert days("RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20261215") == [TUESDAY + timedelta(weeks=week) for week in range(4)]


def test_fourteen_stays_fourteen_when_the_clocks_change() -> None:
    both = occasions("FREQ=WEEKLY;COUNT=3", date(2027, 3, 23), AT) + occasions(
        "FREQ=WEEKLY;COUNT=3", date(2026, 10, 20), AT
    )
    assert {to_local(each.starts).time() for each in both} == {AT}
    assert {each.starts.hour for each in both} == {12, 13}


def test_an_hour_that_is_not_there_is_the_first_minute_that_is() -> None:
    (only,) = occasions("FREQ=DAILY;COUNT=1", date(2027, 3, 28), time(2, 30))
    assert only.starts == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_red_days_are_marked_and_kept() -> None:
    found = occasions("FREQ=WEEKLY;COUNT=6", date(2026, 11, 26), AT)
    assert [each.red for each in found] == [None, None, None, None, "julafton", "nyårsafton"]


def test_the_first_is_the_first_that_the_rule_gives() -> None:
    assert days("FREQ=WEEKLY;BYDAY=MO;COUNT=1") == [date(2026, 11, 30)]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20261201", date(2026, 12, 1)),
        ("20261130", TUESDAY),
        ("20261201T140000", date(2026, 12, 1)),
        ("20261201T135959", TUESDAY),
        ("20261201T130000Z", date(2026, 12, 1)),  # 14.00 in Sweden
        ("20261201T125959Z", TUESDAY),
    ],
)
def test_the_end_is_read_as_the_standard_has_it(until: str, last: date) -> None:
    assert days(f"FREQ=WEEKLY;UNTIL={until}")[-1] == last


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY;UNTIL=20261215", "varje tisdag kl. 14, till 15 december"),
        ("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=8", "varje tisdag och torsdag kl. 14, 8 gånger, till 17 december"),
        ("FREQ=WEEKLY;INTERVAL=2;UNTIL=20270119", "varannan tisdag kl. 14, till 19 januari 2027"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=4",
         "varannan vecka, tisdag och torsdag kl. 14, 4 gånger, till 10 december"),
        ("FREQ=WEEKLY;INTERVAL=3;COUNT=2", "var 3:e vecka, tisdag kl. 14, 2 gånger, till 15 december"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=6",
         "varje vecka, måndag till fredag kl. 14, 6 gånger, till 1 december"),
        ("FREQ=DAILY;COUNT=3", "varje dag kl. 14, 3 gånger, till 26 november"),
        ("FREQ=DAILY;INTERVAL=2;COUNT=3", "varannan dag kl. 14, 3 gånger, till 28 november"),
        ("FREQ=MONTHLY;BYDAY=1TU;COUNT=5", "första tisdagen varje månad kl. 14, 5 gånger, till 6 april 2027"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "sista fredagen varje månad kl. 14, 2 gånger, till 25 december"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=3;COUNT=2",
         "tredje tisdagen varje månad kl. 14, 2 gånger, till 19 januari 2027"),
        ("FREQ=MONTHLY;INTERVAL=2;COUNT=2", "den 24 varannan månad kl. 14, 2 gånger, till 24 januari 2027"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", "sista dagen varje månad kl. 14, 2 gånger, till 31 december"),
        ("FREQ=YEARLY;COUNT=2", "den 24 november varje år kl. 14, 2 gånger, till 24 november 2027"),
        ("FREQ=WEEKLY;BYDAY=TU;BYMONTH=1,2;COUNT=5",
         "varje tisdag i januari och februari kl. 14, 5 gånger, till 2 februari 2027"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", "3 gånger kl. 14, från 31 december till 31 mars 2027"),
        ("FREQ=MONTHLY;BYDAY=TU;COUNT=3", "3 gånger kl. 14, från 24 november till 8 december"),
        ("FREQ=WEEKLY;COUNT=1", "24 november kl. 14"),
    ],
)  # fmt: skip
def test_a_rule_is_said_as_a_colleague_would(rule: str, words: str) -> None:
    assert in_words(rule, TUESDAY, AT) == words


def test_half_hours_are_written_out() -> None:
    assert in_words("FREQ=WEEKLY;COUNT=2", TUESDAY, time(13, 30)).startswith("varje tisdag kl. 13.30,")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", "inget slut"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20261215", "två slut"),
        ("FREQ=HOURLY;COUNT=3", "FREQ är HOURLY"),
        ("COUNT=3", "FREQ är inte givet"),
        ("", "FREQ är inte givet"),
        ("FREQ=WEEKLY;COUNT=61", "Högst 60"),
        ("FREQ=DAILY;UNTIL=20270301", "mer än 60"),
        ("FREQ=YEARLY;COUNT=4", "bara 3 av 4"),
        ("FREQ=MONTHLY;UNTIL=20290101", "mer än två år"),
        ("FREQ=WEEKLY;UNTIL=20261101", "ingen gång"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "ingen gång"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "ingen gång"),
        ("FREQ=WEEKLY;COUNT=3;BYHOUR=9", "'BYHOUR' går inte"),
        ("FREQ=WEEKLY;COUNT=3;COLOUR=RED", "'COLOUR' går inte"),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=", "'BYDAY' går inte"),
        ("FREQ=WEEKLY;COUNT=3;COUNT=4", "två gånger"),
        ("FREQ=WEEKLY;COUNT=0", "COUNT är '0'"),
        ("FREQ=WEEKLY;COUNT=3;INTERVAL=0", "INTERVAL är '0'"),
        ("FREQ=WEEKLY;COUNT=3;INTERVAL=-1", "INTERVAL är '-1'"),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=TI", "BYDAY är 'TI'"),
        ("FREQ=WEEKLY;COUNT=3;BYDAY=1TU", "bara med MONTHLY"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=32", "BYMONTHDAY är '32'"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=0", "BYMONTHDAY är '0'"),
        ("FREQ=WEEKLY;COUNT=3;BYMONTH=-1", "BYMONTH är '-1'"),
        ("FREQ=WEEKLY;COUNT=3;WKST=XX", "WKST är 'XX'"),
        ("FREQ=WEEKLY;UNTIL=20261332", "UNTIL är '20261332'"),
        ("FREQ=WEEKLY;UNTIL=i jul", "UNTIL är 'I JUL'"),
        ("DTSTART:20261124T140000\nRRULE:FREQ=WEEKLY;COUNT=3", "går inte att använda"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(rule: str, told: str) -> None:
    with pytest.raises(BadInput) as raised:
        occasions(rule, TUESDAY, AT)
    assert raised.value.field == "rule"
    assert told in raised.value.why_sv


parts = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])},
    optional={
        "INTERVAL": st.integers(1, 30).map(str),
        "COUNT": st.integers(1, 70).map(str),
        "UNTIL": st.dates(date(2026, 11, 1), date(2029, 1, 1)).map("{:%Y%m%d}".format),
        "BYDAY": st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True).map(",".join),
        "BYMONTH": st.lists(st.integers(1, 12), min_size=1, max_size=3).map(lambda found: ",".join(map(str, found))),
        "BYMONTHDAY": st.integers(-31, 31).map(str),
        "BYSETPOS": st.sampled_from(["1", "-1", "2,3"]),
    },
)
rules = parts.map(lambda given_: ";".join(f"{name}={value}" for name, value in given_.items()))
firsts = st.dates(date(2026, 1, 1), date(2028, 12, 31))
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(rules, firsts, clocks)
def test_whatever_is_taken_is_bounded_in_order_and_at_its_hour(rule: str, first: date, clock: time) -> None:
    try:
        found = occasions(rule, first, clock)
    except BadInput:
        return
    starts = [each.starts for each in found]
    assert 1 <= len(found) <= MOST
    assert starts == sorted(set(starts))
    assert to_local(starts[0]).date() >= first
    assert (to_local(starts[-1]).date() - first).days <= LONGEST_DAYS
    read = read_rule(rule)
    assert read.count in {None, len(found)}
    for each in found:
        local = to_local(each.starts)
        assert each.red == red_day_name(local.date())
        assert local.time() == clock or (local.month == 3 and clock.hour == 2)
        assert read.until is None or local.date() <= read.until.date()


@given(st.lists(st.sampled_from(DAYS), min_size=1, unique=True), st.integers(1, 4), st.integers(2, 20), firsts)
def test_the_words_of_a_week_name_each_day_that_there_is(
    by_day: list[str], interval: int, count: int, first: date
) -> None:
    rule = f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={','.join(by_day)};COUNT={count}"
    try:
        said = in_words(rule, first, AT)
    except BadInput:
        return
    wanted = [weekday_name(DAYS.index(each)) for each in by_day]
    if len(by_day) < 3:
        assert all(name in said for name in wanted)
    assert said.count("kl. 14") == 1


@given(rules, firsts, clocks)
def test_every_rule_that_is_taken_can_be_said(rule: str, first: date, clock: time) -> None:
    try:
        occasions(rule, first, clock)
    except BadInput:
        return
    said = in_words(rule, first, clock)
    assert "kl. " in said
    assert "None" not in said


@given(st.text(max_size=60))
def test_nonsense_is_named_never_raised(text: str) -> None:
    with pytest.raises(BadInput):
        occasions(text, TUESDAY, AT)
