"""When a person is asked about a session, and when they are told what came of it: additions to a meeting's plan.

Three kinds, all of them follow-ups in the table of sending (09-19, no red days, counted against the week's budget):

    after         after a session that staff have marked as held: 10 minutes to two hours after its end
    before        the same morning, before it starts, where the unit has chosen to ask by message
    what_changed  when staff have done something about what was answered

As the plan itself this is worked out anew whenever it is asked for. What stood in the way at the moment when it was due
(another talk, the week's budget) is noted with the meeting by one of NOT_ASKED, so that staff can read why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from types import MappingProxyType

from rules.calendar import to_local, to_utc
from rules.kinds import kind
from rules.reminders import MARGIN, WHY_NOT, Dropped, Item, Meeting, Name, Plan, Policy
from rules.sending import earliest

QUESTIONS: tuple[Name, ...] = ("before", "after", "what_changed")

A_PAUSE = timedelta(minutes=10)
"""How long after the end it is asked at the soonest: they are to have parted (the issue)."""

NOT_BEFORE = time(9)
"""When on the morning of a session it is asked at the soonest (the design)."""

WORTH_TELLING = timedelta(days=14)
"""How long what came of it may wait for its turn. Our choice: after that, few remember what they had answered."""

NOT_ASKED: Mapping[str, tuple[Name, str]] = MappingProxyType(
    {
        "no_after_busy": ("after", "Personen var mitt i ett annat samtal tills det var för sent."),
        "no_after_budget": ("after", "Personen hade redan fått så många meddelanden som är lagom."),
        "no_after_given": ("after", "Det finns redan svar om träffen, eller så har personen sagt nej."),
        "no_after_left": ("after", "Personen är avslutad hos er. Boten börjar inget av sig själv."),
        "no_before_left": ("before", "Personen är avslutad hos er. Boten börjar inget av sig själv."),
        "no_change_left": ("what_changed", "Personen är avslutad hos er. Boten börjar inget av sig själv."),
        "no_before_busy": ("before", "Personen var mitt i ett annat samtal tills det var för sent."),
        "no_before_budget": ("before", "Personen hade redan fått så många meddelanden som är lagom."),
        "no_before_given": ("before", "Det finns redan svar, eller så har personen sagt nej."),
        "no_change_late": ("what_changed", "Det fanns inget bra tillfälle inom 14 dagar. Berätta när ni ses."),
    }
)
"""What was in the way when it was due, by the name that it is noted under: the kind, and why in Swedish."""

_WHY = {
    "off": "Enheten ställer inga frågor efter träffar i meddelanden.",
    "late": "Det skrevs för sent att ni sågs. Frågan ställs bara samma dag, strax efter träffen.",
    "closed": "Inget fick gå ut så snart efter träffen, för det var kväll eller en röd dag.",
    "missed": "Frågan hann inte gå ut i tid och ställs inte nu.",
    "others": "Någon annan kan läsa telefonen. Fråga när ni ses.",
    "early": "Träffen börjar innan frågan får gå ut den dagen. Fråga när ni ses.",
    "thanks": "Frågorna efter träffen går i stället.",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """What the questions of one meeting depend on, beside the meeting and the policy.

    after, before  whether the unit asks then, by message
    within         how long after the end of a session it may be asked
    others_read    whether somebody else may read the person's phone
    done           what has been noted of the plan of this version
    changed_at     when (UTC) staff did something about the answers, of which the person is to be told
    """

    after: bool = False
    before: bool = False
    within: timedelta = timedelta(hours=2)
    others_read: bool = False
    done: frozenset[str] = frozenset()
    changed_at: datetime | None = None


def with_questions(plan: Plan, meeting: Meeting, policy: Policy, asking: Asking, now: datetime) -> Plan:
    """Return `plan` with what is asked about the session, or why not, put in.

    Where the question after a session goes out, it takes the place of the thank-you: one message, not two. Where it may
    not, the thank-you goes as it would have.
    """
    found: list[Item | Dropped] = []
    if asking.before and not meeting.cancelled and meeting.outcome is None:
        found.append(_before(meeting, policy, asking))
    asked = _after(meeting, policy, asking) if meeting.outcome == "attended" and not meeting.cancelled else None
    if isinstance(asked, Item) and asked.expires <= now and asked.kind not in asking.done:
        asked = Dropped("after", _WHY["missed"])
    if asked is not None:
        found.append(asked)
    if asking.changed_at is not None:
        found.append(_told(asking.changed_at, meeting, policy, asking))
    if not found:
        return plan
    items, dropped = list(plan.items), list(plan.dropped)
    if isinstance(asked, Item):
        dropped += [Dropped(each.kind, _WHY["thanks"]) for each in items if each.kind == "thank_you"]
        items = [each for each in items if each.kind != "thank_you"]
    items += [replace(each, expired=each.expires <= now) for each in found if isinstance(each, Item)]
    dropped += [each for each in found if isinstance(each, Dropped)]
    return Plan(tuple(sorted(items, key=lambda each: each.when)), tuple(dropped))


def _after(meeting: Meeting, policy: Policy, asking: Asking) -> Item | Dropped:
    why = _in_the_way("after", meeting, asking) or (None if asking.after else _WHY["off"])
    if why is not None:
        return Dropped("after", why)
    marked = meeting.marked_at or meeting.ends
    wanted, until = max(meeting.ends + A_PAUSE, marked), meeting.ends + asking.within
    when = earliest(kind("follow_up"), wanted, policy.hours, not_after=until)
    if when is None:
        return Dropped("after", _WHY["late" if wanted >= until else "closed"])
    closes = to_utc(to_local(when, policy.hours.zone).date(), policy.hours.ends, policy.hours.zone)
    return Item("after", when, min(until, closes), "Personalen har skrivit att de sågs.")


def _before(meeting: Meeting, policy: Policy, asking: Asking) -> Item | Dropped:
    why = _in_the_way("before", meeting, asking)
    if why is None and meeting.answered in ("no", "move"):
        why = WHY_NOT[str(meeting.answered)]
    if why is None and asking.others_read:
        why = _WHY["others"]
    if why is not None:
        return Dropped("before", why)
    zone = policy.hours.zone
    morning = to_utc(to_local(meeting.starts, zone).date(), NOT_BEFORE, zone)
    known = max(meeting.booked_at, meeting.changed_at or meeting.booked_at)
    latest = meeting.starts - MARGIN
    when = earliest(kind("follow_up"), max(morning, known), policy.hours, not_after=latest)
    if when is None:
        return Dropped("before", _WHY["early"])
    return Item("before", when, meeting.starts, "Samma dag som träffen. Enheten har valt det.")


def _told(changed_at: datetime, meeting: Meeting, policy: Policy, asking: Asking) -> Item | Dropped:
    why = _in_the_way("what_changed", meeting, asking)
    when = earliest(kind("follow_up"), changed_at, policy.hours)
    if why is not None or when is None:
        return Dropped("what_changed", why or NOT_ASKED["no_change_late"][1])
    return Item("what_changed", when, changed_at + WORTH_TELLING, "Ni har gjort något åt det personen svarade.")


def _in_the_way(name: Name, meeting: Meeting, asking: Asking) -> str | None:
    """What was in the way when it was due, or keeps such messages from the person now."""
    noted = [why for key, (about, why) in NOT_ASKED.items() if about == name and key in asking.done]
    if noted or meeting.held_by is None or name in asking.done:
        return noted[0] if noted else None
    return WHY_NOT[meeting.held_by]
