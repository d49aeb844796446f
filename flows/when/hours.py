"""From hours as said to minutes of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from flows.when.answer import NoTime
from flows.when.facts import Clock, Span
from flows.when.spec import Spec
from flows.when.terms import Part

_NOON: Final = 12 * 60
_LAST: Final = 24 * 60 - 1
_AFTERNOON_UNTIL: Final = (
    8 * 60
)  # an hour from 1 to 7 with no more said is afternoon: nobody meets at four in the morning
_SLACK: Final = (
    120  # so far outside its usual hours a part of the day may be stretched ("7 på kvällen", "9 på morgonen")
)
_ROUGHLY: Final = 30


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes after midnight, both ends in; `exact` when they are one minute that was said."""

    first: int
    last: int
    exact: bool


def clock_time(minutes: int) -> time:
    """Minutes after midnight as a time of day."""
    return time(*divmod(minutes, 60))


def written(minutes: int) -> str:
    """Minutes after midnight as 14.05."""
    return f"{minutes // 60}.{minutes % 60:02}"


def find_hours(spec: Spec, parts: Mapping[str, Part], agreed: datetime | None, assumed: list[str]) -> Hours | None:
    """The hours that a spec means, None when it says none. Raises NoTime when they do not fit together."""
    if "same_time" in spec.wholes and spec.clock is None:
        if agreed is None:
            raise NoTime("the same time, but no time is agreed")
        minutes = agreed.hour * 60 + agreed.minute
        return Hours(minutes, minutes, exact=True)
    window = _part_window(spec, parts)
    if spec.clock is not None:
        return _exact(spec, spec.clock, window, assumed)
    if spec.span is not None:
        return _span(spec.span, window, assumed)
    if spec.lower is not None or spec.upper is not None:
        return _bounds(spec, window, assumed)
    if window is None:
        return None
    assumed.append(f"{' and '.join(spec.parts)}: {written(window[0])} to {written(window[1])}")
    return Hours(*window, exact=False)


def _part_window(spec: Spec, parts: Mapping[str, Part]) -> tuple[int, int] | None:
    """The hours that the named parts of the day share, or the early or late half of them."""
    windows = [(_minutes(parts[key].begins), _minutes(parts[key].ends)) for key in spec.parts if key in parts]
    if not windows:
        return None
    first, last = max(window[0] for window in windows), min(window[1] for window in windows)
    if first > last:
        raise NoTime("the parts of the day do not fit together")
    half = (last - first) // 2
    if spec.shade == "early":
        return first, last - half
    if spec.shade == "late":
        return first + half, last
    return first, last


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _meant(clock: Clock, window: tuple[int, int] | None, assumed: list[str]) -> int:
    """The minute of the day: afternoon where a part says so, or where nothing does and the hour is 1 to 7."""
    if clock.fixed or clock.minutes >= _NOON + 60:
        return clock.minutes
    later = (clock.minutes + _NOON) % (24 * 60)
    if window is not None and clock.minutes < _NOON:
        fits, fits_later = _distance(clock.minutes, window), _distance(later, window)
        return clock.minutes if fits <= fits_later else later
    if clock.minutes < _AFTERNOON_UNTIL:
        assumed.append(f"{written(clock.minutes)} means {written(later)}")
        return later
    return clock.minutes


def _distance(minutes: int, window: tuple[int, int]) -> int:
    return max(window[0] - minutes, minutes - window[1], 0)


def _exact(spec: Spec, clock: Clock, window: tuple[int, int] | None, assumed: list[str]) -> Hours:
    minutes = _meant(clock, window, assumed)
    if window is not None and (_distance(minutes, window) > _SLACK or (window[1] <= _NOON and minutes >= _NOON + 60)):
        raise NoTime("the hour and the part of the day do not fit together")
    lower = _meant(spec.lower, window, []) if spec.lower else 0
    upper = _meant(spec.upper, window, []) if spec.upper else _LAST
    if not lower <= minutes <= upper:
        raise NoTime("the hours do not fit together")
    if clock.about:
        assumed.append(f"about: {_ROUGHLY} minutes before and after")
        return Hours(max(minutes - _ROUGHLY, 0), min(minutes + _ROUGHLY, _LAST), exact=False)
    return Hours(minutes, minutes, exact=True)


def _span(span: Span, window: tuple[int, int] | None, assumed: list[str]) -> Hours:
    morning = not span.first.fixed and 7 * 60 <= span.first.minutes < _AFTERNOON_UNTIL <= span.last.minutes <= _NOON
    first = span.first.minutes if morning else _meant(span.first, window, assumed)
    last = _meant(span.last, window, assumed)
    if last <= first:
        last = span.last.minutes + _NOON
    if not first < last <= _LAST:
        raise NoTime("the hours end before they begin")
    return Hours(first, last, exact=False)


def _bounds(spec: Spec, window: tuple[int, int] | None, assumed: list[str]) -> Hours:
    base = window or (0, _LAST)
    lower = _meant(spec.lower, window, assumed) if spec.lower else base[0]
    upper = _meant(spec.upper, window, assumed) if spec.upper else base[1]
    if spec.lower and spec.upper and upper <= lower and upper + _NOON <= _LAST:
        upper += _NOON
    first, last = max(lower, base[0]), min(upper, base[1])
    if first > last and window is not None and spec.lower and _distance(lower, window) <= _SLACK:
        first, last = lower, _LAST
    if first > last:
        raise NoTime("the hours do not fit together")
    return Hours(first, last, exact=False)
