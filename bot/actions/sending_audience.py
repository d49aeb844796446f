"""Who gets a message to many, who does not and why: read anew each time, for what stands in the way changes.

The wishes of a referral choose people, and are told to nobody. Who has protected identity is never asked, and only a
reader whom the person's unit has named sees that they were among those chosen: the others see a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.actions.house import House
from bot.actions.reminding import IN_THE_MIDDLE
from bot.actions.sending_job import Choice
from rules import choosing
from rules.budget import held_by_budget
from rules.choosing import Candidate, choose
from rules.kinds import KINDS
from storage import apart, audience, budget, invitations, referrals
from storage.audience import Way
from storage.db import Tx
from storage.units import Unit

KIND: Final = KINDS["invitation"]
A_WEEK: Final = timedelta(days=7)
MADE_UP: Final = ("sim_", "terminal")
"""How the channels of made-up phones begin."""

MORE_WHY_SV: Final = {
    "elsewhere": "Finns inte bland enhetens personer.",
    "new": "Har inte anmält sig än.",
    "exited": "Är avslutad.",
    "made_up": "Är en påhittad person, och får inget på riktigt.",
}
"""Why somebody is left out before anything else is looked at; the other reasons are those of rules.choosing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who gets it, and where. `first`: they said yes the last time and got no place."""

    participant_id: int
    contact_id: int
    channel: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who was chosen and does not get it. `reason` is a key of rules.choosing.WHY_SV or MORE_WHY_SV."""

    participant_id: int
    reason: str

    @property
    def why_sv(self) -> str:
        """The reason in plain Swedish, for staff."""
        return MORE_WHY_SV.get(self.reason) or choosing.WHY_SV[self.reason]  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class Audience:
    """`now` get it in this release, in this order; `later` in the next waves. `hidden` counts who may not be named."""

    now: tuple[Asked, ...] = ()
    later: tuple[Asked, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    hidden: int = 0

    def first(self, count: int) -> Audience:
        """The same, with so many of the first in line to be written to now."""
        return replace(self, now=self.later[:count], later=self.later[count:])


@dataclass(slots=True)
class _Found:
    """What is known of those who were chosen."""

    ways: dict[int, list[Way]] = field(default_factory=lambda: defaultdict(list))
    left_out: list[LeftOut] = field(default_factory=list)


def people_for(
    tx: Tx, house: House, unit: Unit, choice: Choice, now: datetime, readable: Collection[int] = ()
) -> Audience:
    """Give everybody who may be written to, all of them as `later` in the order in which they are; and who not.

    `readable` are the protected people whom the one who looks may read.
    """
    found = _chosen(tx, house, unit, choice)
    people = list(found.ways)
    if not people:
        return _shown(Audience(left_out=tuple(found.left_out)), found, readable)
    best = {who: _best_way(house, ways) for who, ways in found.ways.items()}
    asked = [_candidate(who, found.ways[who], best[who], now) for who in people]
    asked = _with_history(tx, house, asked, choice, now)
    invited = _invited(tx, choice)
    pairs = {frozenset((who, other)) for who, others in apart.of(tx, people).items() for other in others}
    told = choose(asked, 0, now, invited=invited, apart=pairs if choice.is_group else (), zone=house.hours.zone)
    first = {each.person for each in asked if each.turned_away is not None}

    def made(ids: Iterable[int]) -> tuple[Asked, ...]:
        ways = ((who, best[who]) for who in ids)
        return tuple(
            Asked(who, way.contact_id, way.channel, who in first)
            for who, way in ways
            if way is not None and way.contact_id is not None and way.channel is not None
        )

    left = (*found.left_out, *(LeftOut(each.person, each.reason) for each in told.left_out))
    return _shown(Audience(later=made(told.later), left_out=left), found, readable)


def _shown(made: Audience, found: _Found, readable: Collection[int]) -> Audience:
    """Leave out the names of those whom the one who looks may not read."""
    protected = {who for who, ways in found.ways.items() if ways[0].protected} - set(readable)
    shown = tuple(each for each in made.left_out if each.participant_id not in protected)
    return replace(made, left_out=shown, hidden=len(made.left_out) - len(shown))


# --- who was chosen ---------------------------------------------------------------------------------------------------


def _chosen(tx: Tx, house: House, unit: Unit, choice: Choice) -> _Found:
    """Those who fit what staff chose, with their contacts; and those who do but can never be written to like this."""
    found = _Found()
    rows = audience.of_unit(tx, unit.id) if choice.people is None else audience.of_people(tx, choice.people)
    wanted = _wanting(tx, {row.participant_id for row in rows}, choice)
    if choice.coming_to is not None:
        coming = {each.participant_id for each in invitations.of_activity(tx, choice.coming_to) if _comes(each.state)}
        wanted = coming if wanted is None else wanted & coming
    seen = set[int]()
    for row in rows:
        who = row.participant_id
        if who in choice.without or (wanted is not None and who not in wanted):
            continue
        if choice.languages and row.language not in choice.languages:
            continue
        why = _cannot_be_chosen(row, house, unit, choice)
        if why is None:
            found.ways[who].append(row)
        elif why and who not in seen:
            found.left_out.append(LeftOut(who, why))
        seen.add(who)
    found.left_out = [each for each in found.left_out if each.participant_id not in found.ways]
    unknown = set(choice.people or ()) - {row.participant_id for row in rows} - set(choice.without)
    found.left_out += [LeftOut(who, "elsewhere") for who in sorted(unknown)]
    return found


def _comes(state: str) -> bool:
    return state in (*invitations.COMES, "maybe")


def _cannot_be_chosen(row: Way, house: House, unit: Unit, choice: Choice) -> str | None:
    """Why; "" where it is nothing to tell of, None where nothing is in the way so far."""
    if row.protected:
        return None  # that comes first, see rules.choosing
    named = choice.people is not None
    barred = {
        "elsewhere": row.unit_id != unit.id,
        "exited": row.status == "exited" or (named and row.status == "outside"),
        "": row.status == "outside",
        "new": row.status == "new",
        "made_up": row.made_up and _is_open(house, row) and not str(row.channel).startswith(MADE_UP),
    }
    return next((why for why, holds in barred.items() if holds), None)


def _wanting(tx: Tx, people: Collection[int], choice: Choice) -> set[int] | None:
    """Those whose referral has one of the wishes chosen; None when no wish was."""
    if not choice.help and not choice.meet:
        return None
    told = referrals.wishes_of(tx, people)
    return {
        who
        for who, wishes in told.items()
        if (not choice.help or wishes.get("help", set()) & set(choice.help))
        and (not choice.meet or wishes.get("meet", set()) & set(choice.meet))
    }


# --- what stands in the way -------------------------------------------------------------------------------------------


def _best_way(house: House, ways: Sequence[Way]) -> Way | None:
    """The contact that they wrote from last, among those that may be written to of our own accord."""
    heard = [way for way in ways if _is_open(house, way)]
    return max(heard, key=lambda way: _moments(way.last_in_at, way.verified_at), default=None)


def _is_open(house: House, way: Way) -> bool:
    channel = house.channels.get(way.channel or "")
    return channel is not None and channel.reachable and way.opted_out_at is None and way.blocked_at is None


def _moments(*given: datetime | None) -> tuple[float, ...]:
    return tuple(at.timestamp() if at else 0.0 for at in given)


def _candidate(who: int, ways: Sequence[Way], best: Way | None, now: datetime) -> Candidate:
    latest = max(ways, key=lambda way: _moments(way.last_in_at, way.verified_at))
    talks = [way.talk_touched_at for way in ways if way.talk_state == "open" and way.talk_touched_at is not None]
    return Candidate(
        who,
        protected=latest.protected,
        read_by_others=latest.read_by_others,
        opted_out=best is None and any(way.opted_out_at is not None for way in ways),
        resting=latest.resting_since is not None,
        reachable=best is not None,
        in_talk=any(now - at < IN_THE_MIDDLE for at in talks),
    )


def _with_history(tx: Tx, house: House, asked: Sequence[Candidate], choice: Choice, now: datetime) -> list[Candidate]:
    """Add when each was last invited, and whether a week's messages are used up.

    A week between two invitations is for invitations: what everybody is told waits for the budget alone.
    """
    people = [each.person for each in asked]
    reached, history = budget.reached_lately(tx, people, now - A_WEEK, now), invitations.history(tx, people)
    zone, week = house.hours.zone, house.budget_per_week
    full = {
        who
        for who, sent in reached.items()
        if week > 0 and held_by_budget(KIND, sent, now, per_week=week, zone=zone) is not None
    }
    made = []
    for each in asked:
        last, away = history.get(each.person, (None, None))
        if not choice.is_group:
            last = away = None
        made.append(replace(each, last_invited=last, turned_away=away, over_budget=each.person in full or week < 1))
    return made


def _invited(tx: Tx, choice: Choice) -> set[int]:
    if choice.activity_id is None:
        return set()
    return {each.participant_id for each in invitations.of_activity(tx, choice.activity_id)}
