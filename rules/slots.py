"""Free times for a walk or another meeting: when staff can, near what the person wished, spread over days and people.

All moments are UTC; clocks and days are local, in the zone of the availability. Nothing is drawn by lot: the same
values give the same times.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from rules.calendar import to_local, to_utc
from rules.roster import Roster, spans
from rules.travel import Travel

Part = Literal["morning", "after_lunch", "later"]
Shown = Sequence[tuple[datetime, int]]
"""What the person has seen already: the start (UTC) and the staff member of each offer."""

AT_ONCE = 3
"""How many times are offered in one message (the design)."""

_STEP = 300  # seconds in five minutes
_SPACED = 45  # our choice: offers differ by this many minutes on the clock, so that one bus does not rule out all
_OWN_FIRST = timedelta(days=14)  # our choice: the person's own staff member comes first among times this near
_NOON, _AFTER_LUNCH, _LATER, _MIDNIGHT = 12 * 60, 12 * 60 + 30, 15 * 60, 24 * 60

_PARTS: Mapping[Part | None, tuple[int, int, int]] = {
    # first and last minute of the day to start at (last not included), and the one we begin with: our choices
    "morning": (0, _NOON, 10 * 60),
    "after_lunch": (_AFTER_LUNCH, _LATER, 13 * 60),
    "later": (_LATER, _MIDNIGHT, _LATER),
    None: (0, _MIDNIGHT, 13 * 60),
}


@dataclass(frozen=True, slots=True)
class Start:
    """A clock to start at, such as right after the bus; on some weekdays (0 is Monday), at one place or at all."""

    clock: time
    weekdays: frozenset[int] = frozenset(range(7))
    place: str | None = None


@dataclass(frozen=True, slots=True)
class UnitRules:
    """What a unit allows: no start before `earliest`, no end after `latest`, no sooner than `notice` from now.

    `starts`: when any is for the place, only these are offered there ("starta efter 09.35-bussen"); else every `step`
    minutes after midnight. Raises ValueError for hours that are empty, or a step that isn't a multiple of five.
    """

    earliest: time = time(9)
    latest: time = time(17)
    notice: timedelta = timedelta(hours=3)
    horizon_days: int = 28
    step: int = 15
    starts: tuple[Start, ...] = ()
    travel: Travel = field(default=Travel())

    def __post_init__(self) -> None:
        if self.earliest >= self.latest:
            raise ValueError(f"a unit opens before it closes, not {self.earliest} to {self.latest}")
        if self.step < 5 or self.step % 5:
            raise ValueError(f"a step is a multiple of five minutes, not {self.step}")
        if self.notice < timedelta(0) or self.horizon_days < 0:
            raise ValueError("notice and horizon look ahead")


@dataclass(frozen=True, slots=True)
class Free:
    """What there is: when staff can (a roster of their own, with exceptions), what is taken, and the unit's rules.

    `busy` holds each staff member's taken five minutes, numbered as `five_minutes` does, travel and holds included.
    """

    availability: Roster
    busy: Mapping[int, Collection[int]] = field(default_factory=dict)
    rules: UnitRules = field(default=UnitRules())


@dataclass(frozen=True, slots=True)
class Need:
    """What is looked for: length in minutes, place (None for a call), part of day, the person's own staff member.

    `staff` narrows it to some; `busy` holds the person's own taken five minutes. Raises ValueError for no length.
    """

    minutes: int
    place: str | None = None
    part: Part | None = None
    own: int | None = None
    staff: frozenset[int] | None = None
    busy: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.minutes < 1:
            raise ValueError(f"a meeting lasts a minute or more, not {self.minutes}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time in the person's own words: a minute (`starts` is `ends`) or a window to start in, both ends in it.

    `daily` are local hours on each day of the window, both ends in, and `not_on` local days that they said no to.
    Raises ValueError for a moment without a zone, or a window that ends before it starts.
    """

    starts: datetime
    ends: datetime
    daily: tuple[time, time] | None = None
    not_on: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if self.starts.tzinfo is None or self.ends.tzinfo is None:
            raise ValueError("a moment must carry its zone (UTC)")
        if self.ends.timestamp() < self.starts.timestamp():
            raise ValueError("a window ends after it starts")


@dataclass(frozen=True, slots=True)
class Offer:
    """A free time with one staff member, and the five minutes of theirs that it takes, travel included.

    `fits`: it lies in the part of the day or the window that was wished for; else it is the nearest there is.
    """

    starts: datetime
    ends: datetime
    staff: int
    takes: tuple[int, ...]
    fits: bool = True


def five_minutes(starts: datetime, ends: datetime, travel_before: int = 0, travel_after: int = 0) -> tuple[int, ...]:
    """Return every five minutes (numbered from 1970-01-01 00.00 UTC) that a meeting and its travel touch, in order.

    Travel is in minutes. Raises ValueError for a moment without a zone, an end that isn't after the start, or travel
    under 0.
    """
    if starts.tzinfo is None or ends.tzinfo is None:
        raise ValueError("a moment must carry its zone (UTC)")
    if ends <= starts or travel_before < 0 or travel_after < 0:
        raise ValueError("a meeting ends after it starts, and travel takes no less than no time")
    first = (starts.timestamp() - travel_before * 60) // _STEP
    last = -((ends.timestamp() + travel_after * 60) // -_STEP)
    return tuple(range(int(first), int(last)))


def only(roster: Roster, staff: int) -> Roster:
    """Return one staff member's part of a roster."""
    return replace(
        roster,
        shifts=tuple(shift for shift in roster.shifts if shift.staff == staff),
        exceptions=tuple(each for each in roster.exceptions if each.staff in (None, staff)),
    )


def offers(free: Free, need: Need, now: datetime) -> tuple[Offer, ...]:
    """Return up to three free times near the wished part of the day; none when there is nothing within the horizon.

    In order: inside the wished part, the person's own staff member if within two weeks, a day of its own, the same
    week, each of staff in turn, soonest; clocks that differ, near the one we begin with; those with least booked.
    """
    return more(free, need, now, ())


def more(free: Free, need: Need, now: datetime, shown: Shown) -> tuple[Offer, ...]:
    """Return the next up to three (FLER), none at a minute that was `shown`; empty when all have been."""
    first, last, target = _PARTS[need.part]

    def misses(wall: datetime) -> int:
        return -(-_outside(_minute(wall.time()), first, last - 1) // 60)

    return _pick(_found(free, need, now, misses), free, need, shown, target)


def near(free: Free, need: Need, now: datetime, wanted: Wanted, shown: Shown = ()) -> tuple[Offer, ...]:
    """Return up to three free times for a wish in their own words: those that fit, then the nearest that don't.

    A wished minute is offered as it is when it is free, rounded up to the next five minutes. Days that were said no
    to are never offered.
    """
    zone = free.availability.zone
    # In UTC, for two moments of one zone are compared by what the clocks show.
    starts, ends = wanted.starts.astimezone(UTC), wanted.ends.astimezone(UTC)
    exact = [_rounded(starts)] if starts == ends else []
    until = max([ends, *exact])
    first, last = (0, _MIDNIGHT) if wanted.daily is None else (_minute(wanted.daily[0]), _minute(wanted.daily[1]))

    def misses(wall: datetime) -> int | None:
        if wall.date() in wanted.not_on:
            return None
        at = wall.astimezone(UTC)
        gap = max(starts - at, at - until, timedelta(0))
        return int(gap.total_seconds() // 60) + _outside(_minute(wall.time()), first, last)

    target = to_local(wanted.starts, zone).time() if wanted.daily is None else wanted.daily[0]
    return _pick(_found(free, need, now, misses, exact), free, need, shown, _minute(target))


@dataclass(slots=True)
class _Time:
    """A free time with one of staff, and what it is ranked by as far as that doesn't depend on what else is offered."""

    starts: datetime
    staff: int
    miss: int
    not_own: bool
    day: date
    week: int
    minute: int
    load: int


_Misses = Callable[[datetime], int | None]
"""From a local start to how far it lies from the wish, 0 when it fits and None when it must not be offered."""


def _found(free: Free, need: Need, now: datetime, misses: _Misses, exact: Sequence[datetime] = ()) -> list[_Time]:
    """Every free time within the rules, earliest day first; `exact` starts count where no bus decides."""
    rules, roster, soon = free.rules, free.availability, now + _OWN_FIRST
    before, after = rules.travel.around(need.place)
    lead, whole = timedelta(minutes=before), timedelta(minutes=need.minutes + after)
    today = to_local(now, roster.zone).date()
    staff = [(who, only(roster, who), frozenset(free.busy.get(who, ()))) for who in _who(roster, need)]
    load = {who: sum(number >= now.timestamp() // _STEP for number in taken) for who, _, taken in staff}
    found: list[_Time] = []
    for ahead in range(rules.horizon_days + 1):
        day = today + timedelta(days=ahead)
        starts = _starts(rules, need, day, now, roster.zone, exact)
        times = [(at, wall, five_minutes(at - lead, at + whole), misses(wall)) for at, wall in starts]
        for who, own, taken in staff if times else ():
            stretches = spans(own, day)
            for at, wall, takes, miss in times:
                inside = any(one.starts <= at - lead and at + whole <= one.ends for one in stretches)
                if inside and miss is not None and taken.isdisjoint(takes):
                    not_own = need.own is not None and (who != need.own or at > soon)
                    found.append(_Time(at, who, miss, not_own, day, ahead // 7, _minute(wall.time()), load[who]))
    return found


def _starts(
    rules: UnitRules, need: Need, day: date, now: datetime, zone: str, exact: Sequence[datetime]
) -> list[tuple[datetime, datetime]]:
    """The moments, with their local time, when a meeting may start on a day, whoever it is with."""
    opens, closes = to_utc(day, rules.earliest, zone), to_utc(day, rules.latest, zone)
    length = timedelta(minutes=need.minutes)
    first, last = max(opens, now + rules.notice), closes - length
    if first > last:
        return []
    buses = [start for start in rules.starts if need.place is not None and start.place in (None, need.place)]
    clocks = [start.clock for start in buses if day.weekday() in start.weekdays]
    if not buses:
        clocks = [time(*divmod(minute, 60)) for minute in range(0, _MIDNIGHT, rules.step)]
    given = {(to_utc(day, clock, zone), clock) for clock in clocks}
    walls = {at: to_local(at, zone) for at, clock in given if first <= at <= last}
    # A clock that spring skips that night is none.
    found = {at: wall for at, wall in walls.items() if (at, wall.time()) in given}
    if not buses:
        found |= {at: to_local(at, zone) for at in exact if first <= at <= last}
    return sorted((at, wall) for at, wall in found.items() if need.busy.isdisjoint(five_minutes(at, at + length)))


def _who(roster: Roster, need: Need) -> list[int]:
    staff = {shift.staff for shift in roster.shifts} | {
        each.staff for each in roster.exceptions if each.staff is not None
    }
    return sorted(staff if need.staff is None else staff & need.staff)


def _pick(found: list[_Time], free: Free, need: Need, shown: Shown, target: int) -> tuple[Offer, ...]:
    """Take three, one at a time, each the best beside those that were taken or shown before it."""
    zone = free.availability.zone
    walls = [to_local(starts, zone) for starts, _ in shown]
    days, staff = Counter(wall.date() for wall in walls), Counter(who for _, who in shown)
    minutes = [_minute(wall.time()) for wall in walls]
    seen = {starts for starts, _ in shown}
    picked: list[Offer] = []

    def rank(one: _Time) -> tuple[int | bool | date | datetime, ...]:
        return (
            days[one.day],
            one.week,
            staff[one.staff],
            one.day,
            sum(abs(minute - one.minute) < _SPACED for minute in minutes),
            abs(one.minute - target),
            one.minute < target,  # of two as near, the later: many sleep late
            one.starts,
            one.load,
            one.staff,
        )

    while len(picked) < AT_ONCE:
        left = [one for one in found if one.starts not in seen]
        if not left:
            break
        nearest = min((one.miss, one.not_own) for one in left)
        best = min((one for one in left if (one.miss, one.not_own) == nearest), key=rank)
        picked.append(_offer(best, need, free.rules))
        seen.add(best.starts)
        days[best.day] += 1
        staff[best.staff] += 1
        minutes.append(best.minute)
    return tuple(picked)


def _offer(one: _Time, need: Need, rules: UnitRules) -> Offer:
    ends = one.starts + timedelta(minutes=need.minutes)
    takes = five_minutes(one.starts, ends, *rules.travel.around(need.place))
    return Offer(one.starts, ends, one.staff, takes, fits=one.miss == 0)


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _outside(minute: int, first: int, last: int) -> int:
    """How many minutes a minute of the day lies outside a stretch, both ends in."""
    return max(first - minute, minute - last, 0)


def _rounded(at: datetime) -> datetime:
    """The next whole five minutes, which may be `at` itself (UTC)."""
    return datetime.fromtimestamp(-(at.timestamp() // -_STEP) * _STEP, UTC)
