from __future__ import annotations

from datetime import date, datetime, time

from rules.roster import Absence, Roster, Shift, on_duty
from storage import roster, staff, units
from storage.db import Store, Tx
from storage.units import UnitSeed

MORNING, EVENING = time(8), time(16)


def _unit(tx: Tx, now: datetime) -> tuple[int, int, int]:
    units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {})], now)
    unit = units.get_unit(tx, "alvsbyn").id
    return unit, staff.add(tx, now, "Anna", [unit]), staff.add(tx, now, "Erik", [unit])


def test_a_roster_comes_back_as_it_was_set(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        unit, anna, erik = _unit(tx, now)
        week = [
            Shift(anna, 0, MORNING, EVENING),
            Shift(erik, 0, time(9, 30), EVENING),
            Shift(anna, 4, MORNING, time(12)),
        ]
        roster.set_shifts(tx, unit, reversed(week))
        christmas = Absence(date(2026, 12, 24))
        short = Absence(date(2026, 12, 1), erik, time(10), time(12))
        for one in (christmas, short):
            roster.add_exception(tx, unit, one)
    with store.read() as tx:
        loaded = roster.load(tx, unit)
    assert loaded == Roster(tuple(week), (short, christmas))
    assert on_duty(loaded, now) == (anna, erik)


def test_setting_the_week_replaces_it(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        unit, anna, erik = _unit(tx, now)
        roster.set_shifts(tx, unit, [Shift(anna, day, MORNING, EVENING) for day in range(5)])
        roster.set_shifts(tx, unit, [Shift(erik, 1, MORNING, EVENING)])
        assert roster.load(tx, unit).shifts == (Shift(erik, 1, MORNING, EVENING),)


def test_who_left_is_not_on_duty(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        unit, anna, erik = _unit(tx, now)
        roster.set_shifts(tx, unit, [Shift(who, 0, MORNING, EVENING) for who in (anna, erik)])
        staff.disable(tx, anna, now)
        assert on_duty(roster.load(tx, unit), now) == (erik,)


def test_days_that_are_past_may_be_left_out(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        unit, anna, _ = _unit(tx, now)
        for day in (date(2026, 11, 22), date(2026, 11, 23)):
            roster.add_exception(tx, unit, Absence(day))
            roster.add_exception(tx, unit, Absence(day, anna))
        assert {one.day for one in roster.load(tx, unit, since=date(2026, 11, 23)).exceptions} == {date(2026, 11, 23)}
        days = [date(2026, 11, 22), date(2026, 11, 23)]
        assert [one.day for one in roster.list_exceptions(tx, [unit], *days)[unit]] == [days[0]] * 2
        assert roster.list_exceptions(tx, [404], *days) == {404: []}
        assert roster.remove_exceptions(tx, unit, date(2026, 11, 23)) == 1
        assert roster.remove_exceptions(tx, unit, date(2026, 11, 22), anna) == 1
        assert roster.load(tx, unit).exceptions == (Absence(date(2026, 11, 22)), Absence(date(2026, 11, 23), anna))


def test_a_unit_without_roster_has_an_empty_one(store: Store) -> None:
    with store.read() as tx:
        assert roster.load(tx, 404) == Roster()


def test_several_units_come_at_once_and_each_has_its_own(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        unit, anna, erik = _unit(tx, now)
        roster.set_shifts(tx, unit, [Shift(anna, 0, MORNING, EVENING)])
        units.sync(tx, [UnitSeed("boden", "B", "Boden", {})], now)
        other = units.get_unit(tx, "boden").id
        roster.set_shifts(tx, other, [Shift(erik, 1, MORNING, EVENING)])
        roster.add_exception(tx, other, Absence(date(2026, 12, 24)))
        both = roster.load_many(tx, [other, unit, 404])
        assert both == {each: roster.load(tx, each) for each in (other, unit, 404)}
        assert (both[unit].exceptions, both[404]) == ((), Roster())
        assert both[other].shifts == (Shift(erik, 1, MORNING, EVENING),)
