"""What is said about a meeting, and when: a plan derived from the meeting, the unit's policy and the person's wish.

Nothing here is stored ahead. Whoever wants to know what is due, or what a person will get, asks `plan` anew; so no
reminder of an old time can be left over. All moments are UTC; local clocks are those of the policy's zone.

Source: three days plus one day before beat either alone (Steiner 2018, 54,066 people). Other numbers are our choice.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from rules.calendar import swedish_clock, to_local, to_utc
from rules.kinds import kind as kind_of
from rules.roster import Roster, next_staffed, spans
from rules.sending import Hours, as_change, earliest
from rules.slots import only

Before = Literal["confirmation", "three_days", "day_before", "same_day", "silence"]
Name = Before | Literal["how_did_it_go", "thank_you", "missed", "we_failed", "ring", "before", "after", "what_changed"]
Answer = Literal["yes", "no", "move"]
Outcome = Literal["attended", "missed", "we_failed", "cancelled"]
HeldBy = Literal["stopped", "resting", "unreachable", "protected"]

REMINDERS: tuple[Name, ...] = ("three_days", "day_before", "same_day")
"""What "inga påminnelser" takes away; a confirmation and a change are always told."""

BEFORE: tuple[Name, ...] = ("confirmation", *REMINDERS, "silence")
AFTER: tuple[Name, ...] = ("how_did_it_go", "thank_you", "missed", "we_failed", "ring")
_ORDER = {name: place for place, name in enumerate(BEFORE + AFTER)}
TO_STAFF: frozenset[Name] = frozenset({"silence", "how_did_it_go", "ring"})

APART = timedelta(hours=3)
"""Of two reminders no further apart than this, only the later goes (the design)."""

AHEAD = timedelta(days=5)
"""A meeting booked this long before, by the clock on the wall, gets the reminder of three days before (the design)."""

MARGIN = timedelta(minutes=30)
"""What is moved to before closing keeps this from it, and everything is valid for at least this long, so that a queue
or a restart of some minutes does not make it too late. Our choice."""

_DAY_VALID = timedelta(hours=24)  # our choice: how late the first reminder, a thank-you and a missed line may be
_LAST_CALL = timedelta(hours=2)  # our choice: with less left, a question the day before comes too late to plan by
_MARKED_WITHIN = timedelta(days=3)  # our choice: after that, a line about how it went surprises more than it helps
_STAFF_VALID = timedelta(days=30)  # our choice: how long an unmarked meeting is worth a question to staff
_LOOK_BACK_DAYS = 30  # our choice: how far before a meeting a staffed day is looked for

WHY_NOT: dict[str, str] = {
    "cancelled": "Tiden är avbokad.",
    "marked": "Personalen har redan skrivit hur det gick.",
    "off": "Enheten har stängt av det här.",
    "no": "Personen har tackat nej.",
    "move": "Personen vill ha en annan tid.",
    "stopped": "Personen har skrivit STOPP.",
    "resting": "Botens meddelanden till personen vilar efter ett larm.",
    "unreachable": "Personen skrev på ett sätt som vi inte kan nå senare.",
    "protected": "Personen har skyddade uppgifter. Ring som ni har kommit överens om.",
    "none": "Personen vill inte ha påminnelser.",
    "unasked": "Personen har inte bett om en påminnelse samma dag.",
    "told": "Personen bokade själv och fick svar direkt.",
    "short": "Det var mindre än fem dagar kvar när tiden bokades.",
    "late": "Det hade redan passerat när tiden bokades eller ändrades.",
    "wished": "Det hade redan passerat när personen bad om det.",
    "started": "Tiden hade redan börjat.",
    "near_told": "Personen fick veta tiden högst tre timmar tidigare.",
    "near_next": "Nästa påminnelse kommer inom tre timmar.",
    "answered": "Personen har svarat.",
    "unstaffed": "Ingen arbetar de närmaste 30 dagarna.",
    "unstaffed_before": "Ingen arbetar de 30 dagarna före tiden.",
    "old": "Det gick mer än tre dagar innan personalen skrev hur det gick.",
    "ring": "Det är andra gången i rad. Ring i stället.",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person wants: a reminder on the same day, or no reminders. `asked_at` (UTC) is when they said so."""

    same_day: bool = False
    reminders: bool = True
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One version of an appointment, with what is known of the person that the plan depends on. Moments are UTC.

    changed_at     when this time came to be, for a meeting that was moved
    answered       the answer to this version; None while there is none
    told           the person booked or moved it themselves and read the answer in the same turn
    staff          whom it is with: asked first how it went
    outcome        what staff pressed, at `marked_at`; None while unmarked
    misses_before  how many meetings in a row the person missed right before this one
    held_by        what keeps every message of ours from the person; "resting" only when staff have not let meetings go

    Raises ValueError for a moment without a zone, an end that isn't after the start, or an outcome without its moment.
    """

    starts: datetime
    ends: datetime
    booked_at: datetime
    changed_at: datetime | None = None
    answered: Answer | None = None
    version: int = 1
    cancelled: bool = False
    told: bool = False
    staff: int | None = None
    outcome: Outcome | None = None
    marked_at: datetime | None = None
    misses_before: int = 0
    held_by: HeldBy | None = None
    wish: Wish = field(default=Wish())

    def __post_init__(self) -> None:
        for moment in (self.starts, self.ends, self.booked_at, self.changed_at, self.marked_at):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("a meeting's moments carry their zone (UTC)")
        if self.ends <= self.starts:
            raise ValueError("a meeting ends after it starts")
        if self.outcome is not None and self.marked_at is None:
            raise ValueError("an outcome has a moment when it was marked")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a unit has decided: which kinds are off, the local clocks, the sending hours, and who works when.

    Raises ValueError when `off` names an unknown kind, or the confirmation: a booking and a change are always told.
    """

    off: frozenset[str] = frozenset()
    three_days_at: time = time(17)
    day_before_at: time = time(17)
    silence_at: time = time(13)
    same_day_before: timedelta = timedelta(hours=2)
    hours: Hours = field(default=Hours())
    roster: Roster = field(default=Roster())

    def __post_init__(self) -> None:
        wrong = self.off - {*BEFORE, *AFTER} | self.off & {"confirmation"}
        if wrong:
            raise ValueError(f"cannot be switched off: {', '.join(sorted(wrong))}")
        if self.same_day_before <= timedelta(0):
            raise ValueError("the reminder of the same day comes before the meeting")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to say: from `when` until before `expires` (UTC), and why it is said then, in Swedish.

    `expired`: its moment has passed at the plan's `now`. Unless it went out, it is listed for staff and never sent.
    """

    kind: Name
    when: datetime
    expires: datetime
    why: str
    expired: bool = False

    @property
    def to_staff(self) -> bool:
        """Whether it is for staff's inbox, not for the person."""
        return self.kind in TO_STAFF


@dataclass(frozen=True, slots=True)
class Dropped:
    """What is not said, and why not, in Swedish."""

    kind: Name
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is said about a meeting, in time order, and what is not."""

    items: tuple[Item, ...]
    dropped: tuple[Dropped, ...]

    def due(self, now: datetime) -> tuple[Item, ...]:
        """Return what is to be said at `now` unless it has been; never two things to the person at once."""
        return tuple(item for item in self.items if item.when <= now < item.expires)

    def next_after(self, now: datetime) -> datetime | None:
        """Return when the next item begins to be due after `now`; None when nothing is left."""
        return min((item.when for item in self.items if item.when > now), default=None)


def plan(meeting: Meeting, policy: Policy, since: datetime | None, now: datetime) -> Plan:
    """Return all that is said about `meeting`: what has passed as expired, what is not said with the reason.

    `since` (UTC) is from when the person could be told of this version, if later than its booking or last change: when
    a web chat left a number, say. Nothing is planned before it. `now` only decides what is expired.
    """
    floor = max(moment for moment in (meeting.booked_at, meeting.changed_at, since) if moment is not None)
    confirmation = _confirmation(meeting, policy, floor)
    told = confirmation.when if isinstance(confirmation, Item) else floor
    to_person = [confirmation, *(_reminder(name, meeting, policy, floor) for name in REMINDERS)]
    found = [*_spread(to_person, told), _silence(meeting, policy, floor), *_after(meeting, policy, floor)]
    items = sorted((each for each in found if isinstance(each, Item)), key=lambda each: (each.when, _ORDER[each.kind]))
    dropped = sorted((each for each in found if isinstance(each, Dropped)), key=lambda each: _ORDER[each.kind])
    items = [replace(item, expired=True) if item.expires <= now else item for item in items]
    return Plan(tuple(items), tuple(dropped))


def next_look(meeting: Meeting, policy: Policy, now: datetime, since: datetime | None = None) -> datetime | None:
    """Return when (UTC), after `now`, the next item of the plan begins to be due; None when nothing is left."""
    return plan(meeting, policy, since, now).next_after(now)


def key(appointment: int, meeting: Meeting, kind: Name) -> str:
    """Return the key under which an item is queued once for this version: "plan:77:2:day_before"."""
    return f"plan:{appointment}:{meeting.version}:{kind}"


_Found = Item | Dropped


def _not(kind: Name, why: str) -> Dropped:
    return Dropped(kind, WHY_NOT[why])


def _unwanted(kind: Name, meeting: Meeting, policy: Policy) -> str | None:
    """Name what speaks against saying `kind` at any time."""
    if meeting.cancelled:
        return "cancelled"
    if kind in BEFORE and meeting.outcome is not None:
        return "marked"
    if kind in policy.off:
        return "off"
    if kind in TO_STAFF:
        return None
    if meeting.answered in ("no", "move") and kind != "thank_you":
        return meeting.answered
    if meeting.held_by is not None:
        return meeting.held_by
    return "none" if kind in REMINDERS and not meeting.wish.reminders else None


def _confirmation(meeting: Meeting, policy: Policy, floor: datetime) -> _Found:
    """At once, which for a meeting more than 24 hours away means within the sending hours."""
    why = _unwanted("confirmation", meeting, policy)
    if why is None and meeting.told:
        why = "told"
    if why is None and floor >= meeting.starts:
        why = "started"
    if why is not None:
        return _not("confirmation", why)
    rule = as_change(kind_of("meeting"), floor, meeting.starts)
    # Hours so short that they next open after the start: better told at night than never.
    when = earliest(rule, floor, policy.hours, not_after=meeting.starts) or floor
    done = "bokades" if meeting.changed_at is None else "ändrades"
    text = f"Direkt när tiden {done}." if when == floor else f"Tiden {done} när det var stängt. Går när det öppnar."
    return Item("confirmation", when, meeting.starts, text)


def _reminder(name: Name, meeting: Meeting, policy: Policy, floor: datetime) -> _Found:
    """One reminder in its place, or why there is none; the others are not looked at yet."""
    why = _unwanted(name, meeting, policy)
    if why is None and name == "same_day" and not meeting.wish.same_day:
        why = "unasked"
    if (
        why is None
        and name == "three_days"
        and to_local(meeting.starts, policy.hours.zone) - to_local(floor, policy.hours.zone) < AHEAD
    ):
        why = "short"
    if why is not None:
        return _not(name, why)
    wanted, text, valid_until = _wanted(name, meeting, policy)
    when = _moved(wanted, policy.hours)
    if floor >= meeting.starts:
        return _not(name, "started")
    if when < floor:
        return _not(name, "late")
    if name == "same_day" and meeting.wish.asked_at is not None and when < meeting.wish.asked_at:
        return _not(name, "wished")
    if when != wanted:
        clock = swedish_clock(to_local(wanted, policy.hours.zone).time())
        text += f" Flyttad hit från kl. {clock}, för då går inget ut."
    return Item(name, when, min(meeting.starts, max(valid_until, when + MARGIN)), text)


def _wanted(name: Name, meeting: Meeting, policy: Policy) -> tuple[datetime, str, datetime]:
    """When a reminder would go if we were always open, in words, and until when it is of use."""
    today, zone = to_local(meeting.starts, policy.hours.zone).date(), policy.hours.zone
    if name == "same_day":
        text = f"{_ahead(policy.same_day_before)} före, för personen har bett om det."
        return meeting.starts - policy.same_day_before, text, meeting.starts - MARGIN
    if name == "three_days":
        when = to_utc(today - timedelta(days=3), policy.three_days_at, zone)
        return when, f"Tre dagar före, kl. {swedish_clock(policy.three_days_at)}.", when + _DAY_VALID
    ask = "En fråga, för personen har inte svarat." if meeting.answered is None else "Ingen fråga, för svaret är ja."
    when = to_utc(today - timedelta(days=1), policy.day_before_at, zone)
    return when, f"Dagen före, kl. {swedish_clock(policy.day_before_at)}. {ask}", meeting.starts - _LAST_CALL


def _moved(at: datetime, hours: Hours) -> datetime:
    """Return `at` when we are open then, else a moment shortly before the last closing."""
    day = to_local(at, hours.zone).date()
    while True:  # ends: hours are never empty two days running
        opens, closes = to_utc(day, hours.starts, hours.zone), to_utc(day, hours.ends, hours.zone)
        if opens <= at < closes:
            return at
        if opens < closes <= at:
            return max(opens, closes - MARGIN)
        day -= timedelta(days=1)


def _spread(found: list[_Found], told: datetime) -> list[_Found]:
    """Drop reminders close upon the telling of the time, and of two close together the earlier.

    What stays is valid until three hours before the next, so that a late one never comes close upon it either.
    """
    result: list[_Found] = [each for each in found if isinstance(each, Dropped)]
    following: datetime | None = None
    items = [each for each in found if isinstance(each, Item)]
    for item in sorted(items, key=lambda one: (one.when, _ORDER[one.kind]), reverse=True):
        if item.kind != "confirmation" and item.when - told <= APART:
            result.append(_not(item.kind, "near_told"))
            continue
        if item.kind != "confirmation" and following is not None and following - item.when <= APART:
            result.append(_not(item.kind, "near_next"))
            continue
        latest = item.expires if following is None else max(item.when + MARGIN, following - APART)
        result.append(replace(item, expires=latest) if latest < item.expires else item)
        following = item.when
    return result


def _silence(meeting: Meeting, policy: Policy, floor: datetime) -> _Found:
    """Tell staff, on the last staffed day before, that nobody has answered."""
    why = _unwanted("silence", meeting, policy)
    if why is not None or meeting.answered is not None:
        return _not("silence", why or "answered")
    day = to_local(meeting.starts, policy.hours.zone).date()
    for _ in range(_LOOK_BACK_DAYS):
        day -= timedelta(days=1)
        when = _staffed_moment(policy, day)
        if when is not None:
            text = "Personen har inte svarat, och ingen arbetar fler dagar före tiden."
            return Item("silence", when, meeting.starts, text) if when >= floor else _not("silence", "late")
    return _not("silence", "unstaffed_before")


def _staffed_moment(policy: Policy, day: date) -> datetime | None:
    """The clock for silence on a staffed day; outside that day's shifts, the end of the one before or the first."""
    wanted, staffed = to_utc(day, policy.silence_at, policy.hours.zone), spans(policy.roster, day)
    earlier = [span for span in staffed if span.starts <= wanted]
    if not earlier:
        return staffed[0].starts if staffed else None
    last = earlier[-1]
    return wanted if wanted < last.ends else max(last.starts, last.ends - MARGIN)


def _after(meeting: Meeting, policy: Policy, floor: datetime) -> list[_Found]:
    """What follows on the meeting: a question to staff while it is unmarked, else what staff's mark leads to."""
    if meeting.cancelled or meeting.outcome == "cancelled":
        return []
    if meeting.outcome is None:
        if meeting.answered == "no":
            return []
        text = "Ingen har skrivit hur det gick."
        return [_to_staff("how_did_it_go", max(meeting.ends, floor), meeting, policy, text)]
    marked = max(meeting.ends, meeting.marked_at or meeting.ends)
    if meeting.outcome == "attended":
        return [_line("thank_you", marked, meeting, policy)]
    if meeting.outcome == "we_failed":
        return [_line("we_failed", marked, meeting, policy)]
    if meeting.misses_before:
        ring = _to_staff("ring", marked, meeting, policy, "Personen har inte kommit två gånger i rad. Ring.")
        return [_not("missed", "ring"), ring]
    return [_line("missed", marked, meeting, policy)]


def _line(name: Name, marked: datetime, meeting: Meeting, policy: Policy) -> _Found:
    why = _unwanted(name, meeting, policy)
    if why is None and marked - meeting.ends > _MARKED_WITHIN:
        why = "old"
    when = earliest(kind_of("follow_up" if name == "thank_you" else "meeting"), marked, policy.hours)
    if why is not None or when is None:
        return _not(name, why or "old")
    return Item(name, when, when + _DAY_VALID, "Personalen har skrivit hur det gick.")


def _to_staff(name: Name, at: datetime, meeting: Meeting, policy: Policy, text: str) -> _Found:
    """Ask in the hours of the one the meeting was with; when they are away for long, in the unit's."""
    why = _unwanted(name, meeting, policy)
    own = None if meeting.staff is None else next_staffed(only(policy.roster, meeting.staff), at)
    when = own or next_staffed(policy.roster, at)
    if why is not None or when is None:
        return _not(name, why or "unstaffed")
    return Item(name, when, when + _STAFF_VALID, text)


def _ahead(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} minuter" if minutes % 60 or minutes == 60 else f"{minutes // 60} timmar"
