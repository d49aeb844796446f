"""Agreeing on a time: part of the talks that book and move. Times are offered until one is held, or none is left."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flows.asks_meetings import RightTime
from flows.asks_times import MORE, OWN, AtTime
from flows.commands_meetings import BookTime, FindTimes, HoldTime, KeepWish
from flows.steps import Ask, Do, Say, Step
from rules.calendar import to_local

Offer = Mapping[str, Any]
Finding = Generator[Step, Any, Offer | None]

MOST_ROUNDS: Final = 8
"""So many lists are offered in one search; after that the wish is kept."""

LATER: Final = timedelta(days=28)
"""How far ahead "another day" reaches."""

NARROW: Final = timedelta(hours=12)
"""A wish this narrow is answered with one time, read back; a wider one with a list."""


@dataclass(slots=True)
class Search:
    """What is looked for. `beside` stands last in the first list; `shown` grows, so that no time is offered twice."""

    form: str
    minutes: int
    part: str | None = None
    wanted: Mapping[str, Any] | None = None
    said: str = ""
    appointment: int | None = None
    agreed: str | None = None
    later_than: str | None = None  # a meeting's start: only days after that one are offered
    beside: str = MORE
    shown: list[tuple[str, int]] = field(default_factory=list)
    offered: str = "first"  # why this list: first | move | more | near | wished | gone
    reads_back: bool = True
    wrote_own: int = 0
    room: int = 0  # while its length is not chosen: as long as it may become
    words: str = ""  # all that they wrote of it

    def wish(self, wanted: Mapping[str, Any], said: str) -> None:
        """Look for a time in the person's own words from here on."""
        self.wanted, self.said, self.part, self.reads_back, self.offered = wanted, said, None, True, "wished"
        self.words = f"{self.words} {said}".strip()

    def with_whom(self, said: str) -> None:
        """Look for a time with the one of ours whom they name, of what was offered already too."""
        self.words, self.reads_back, self.offered = f"{self.words} {said}".strip(), True, "first"
        self.shown.clear()


def agree_on_a_time(search: Search) -> Finding:
    """Offer times until one is held; return it. None when nothing fits."""
    for _ in range(MOST_ROUNDS):
        found = yield Do(_find(search))
        offers = found["offers"]
        if not offers:
            chosen = None
            if search.wrote_own or not (yield from _own_words(search, none_left=True)):
                return None
        elif search.reads_back and found["fits"] and _is_narrow(search.wanted):
            chosen = yield from _read_back(search, offers[0])
        else:
            chosen = yield from _choose(search, offers, fits=found["fits"])
        if chosen is None and search.wrote_own > 2:
            return None
        if chosen is not None:
            held = yield Do(_hold(search, chosen))
            if held["held"]:
                return chosen
            search.offered = "gone"
    return None


def book(search: Search, pace: str = "", plan_b: str = "") -> Finding:
    """Agree on a time and book it, or move the meeting there. None when nothing fits."""
    for _ in range(MOST_ROUNDS):
        offer = yield from agree_on_a_time(search)
        if offer is None:
            return None
        booked: Offer = yield Do(book_it(search, offer, pace, plan_b))
        if booked["booked"]:
            return booked
        search.offered = "gone"
    return None


def book_it(search: Search, offer: Offer, pace: str = "", plan_b: str = "") -> BookTime:
    """The command that books an offer for this search."""
    return BookTime(
        search.form,
        search.minutes,
        offer["starts"],
        offer["staff"],
        offer.get("place"),
        pace,
        plan_b,
        search.appointment,
    )


def keep_wish(search: Search, stands: str | None = None) -> Generator[Step, Any, None]:
    """Nothing fits: keep the wish, and say so. `stands` is the start of a meeting that still holds."""
    kept = yield Do(KeepWish(search.form, search.minutes, search.part, search.wanted, search.said))
    yield Say("times/kept", promise=kept["promise"], stands=stands)


def _find(search: Search) -> FindTimes:
    wanted = search.wanted or _after_that_day(search.later_than)
    return FindTimes(
        search.form, max(search.minutes, search.room), search.part, wanted, tuple(search.shown), search.appointment,
        search.words or search.said,
    )  # fmt: skip


def _after_that_day(starts: str | None) -> Mapping[str, Any] | None:
    """The days after the one of a meeting, as a wish."""
    if starts is None:
        return None
    day = to_local(datetime.fromisoformat(starts)).replace(hour=23, minute=59, second=59, microsecond=0)
    window = (day.astimezone(UTC).isoformat(), (day + LATER).astimezone(UTC).isoformat())
    return {"starts": window[0], "ends": window[1], "daily": None, "not_on": []}


def _hold(search: Search, offer: Offer) -> HoldTime:
    return HoldTime(search.form, offer["starts"], offer["ends"], offer["staff"], offer.get("place"), search.appointment)


def _is_narrow(wanted: Mapping[str, Any] | None) -> bool:
    if wanted is None or wanted.get("also"):
        return False
    return datetime.fromisoformat(wanted["ends"]) - datetime.fromisoformat(wanted["starts"]) <= NARROW


def _read_back(search: Search, offer: Offer) -> Finding:
    """Read back one time that fits what they wrote."""
    search.reads_back = False
    search.shown.append((offer["starts"], offer["staff"]))
    facts = {"starts": offer["starts"], "staff_name": offer["name"]}
    answer = yield Ask("right", RightTime(starts=offer["starts"]), message="times/right", facts=facts)
    if isinstance(answer, Mapping):
        search.wish(answer["wanted"], answer["said"])
        return None
    if answer:
        return offer
    search.offered = "more"
    return None


def _choose(search: Search, offers: list[Offer], *, fits: bool) -> Finding:
    """A list to choose from, with a way to other times."""
    if search.wanted is not None and search.offered in ("first", "move", "wished"):
        search.offered = "wished" if fits else "near"
    if search.beside == OWN:
        offers = offers[:2]
    places = tuple((offer["starts"], offer["staff"]) for offer in offers)
    keys = (*(f"t{n}" for n, _ in enumerate(offers, start=1)), search.beside)
    reads = AtTime(keys, places, agreed=search.agreed)
    answer = yield Ask("time", reads, message="times/times", facts=_shown(offers, search.offered))
    if "pick" in answer:
        # The others are not turned down: should this one be gone, they are offered again.
        picked = answer["starts"], answer["staff"]
        search.shown.append(picked)
        return next((offer for offer in offers if (offer["starts"], offer["staff"]) == picked), None)
    if "with" in answer:
        search.with_whom(answer["said"])
        return None
    search.shown += [place for place in places if place not in search.shown]
    if "wanted" in answer:
        search.wish(answer["wanted"], answer["said"])
    elif MORE in answer:
        search.offered, search.beside = "more", OWN
    elif not (yield from _own_words(search)):
        search.wrote_own = 3
    return None


def _own_words(search: Search, *, none_left: bool = False) -> Generator[Step, Any, bool]:
    """Ask for a time in their own words. False when they have none to give."""
    search.wrote_own += 1
    if search.wrote_own > 2:
        return False
    reads = AtTime(agreed=search.agreed)
    answer = yield Ask("own_time", reads, message="times/own_time", facts={"none_left": none_left})
    if "wanted" not in answer:
        return False
    search.wish(answer["wanted"], answer["said"])
    return True


def _shown(offers: list[Offer], offered: str) -> dict[str, Any]:
    """The facts of a list: who has the times, or each one's name when they differ."""
    names = {offer["name"] for offer in offers}
    one = next(iter(names)) if len(names) == 1 else None
    times = [
        {"key": f"t{n}", "starts": offer["starts"], "with": None if one else offer["name"]}
        for n, offer in enumerate(offers, start=1)
    ]
    return {"times": times, "staff_name": one, "offered": offered}
