"""A person's ratings as staff see them: the curve, the same as a table, what was written, and what has been done.

Ratings are for the talk with the person. No name of a staff member stands here, and what the person keeps from the one
who looks is not even counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.actions import rating_curve
from bot.actions.house import House
from messages.curve import Drawn, draw
from messages.page_words import page_words
from messages.rating_points import whole
from messages.scales import Scale
from staff import rating_forms
from staff.labels import label
from staff.rating_forms import CheckInLine
from storage import rating_tasks, ratings
from storage.appointments import Appointment
from storage.db import Tx
from storage.participants import Participant
from storage.rating_tasks import Task
from storage.ratings import GIVEN, Rating

MOST_WORDS: Final = 20
"""Free words shown on a person's page, the latest; the rest are in the export. Our choice."""

TOLD: Final[Mapping[str | None, str]] = {
    None: "",
    "asked": "Personen har fått frågan om hen vill veta vad ni gjorde.",
    "told": "Personen ville veta, och har fått veta.",
    "declined": "Personen ville inte veta.",
}
STATE: Final[Mapping[str, str]] = {
    "asked": "Frågad, inget svar än",
    "begun": "Har börjat svara",
    "answered": "Har svarat",
    "partly": "Har svarat på en del",
    "declined": "Ville inte svara",
    "expired": "Svarade inte",
}
MAY: Final = (
    "Kurvan är något att prata om med personen: ”Du satte en trea på det här, hur tänkte du?”",
    "Låga svar är ofta bra nyheter: personen vågade säga det, och då går det att ändra något.",
    "En ändring inom det grå bandet kan vara slump. Utanför är den säkrare, men säger inte varför.",
)
MAY_NOT: Final = (
    "Den säger inte hur det går för dig eller för en kollega. Den jämför inte människor.",
    "Den är ingen bedömning av fara: ett högt svar betyder inte att allt är lugnt.",
    "Riktmärken och band kommer från terapi. För unga i er verksamhet finns inga sådana tal.",
)
"""What a curve may mean, and what it may not; sources in docs/ratings.md."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote at a rating. `text` None: it can't be read any more."""

    rating: int
    at: datetime
    text: str | None
    item: int | None
    changed: str
    told: str


@dataclass(frozen=True, slots=True)
class RatingsPart:
    """The ratings on a person's page."""

    drawn: Drawn | None
    words: tuple[Words, ...]
    in_use: tuple[str, ...]
    unanswered: int
    check_ins: tuple[CheckInLine, ...]
    may: tuple[str, ...] = MAY
    may_not: tuple[str, ...] = MAY_NOT


def part_of(tx: Tx, house: House, person: Participant, staff_id: int | None, now: datetime) -> RatingsPart | None:
    """Give a person's ratings as a staff member may see them; None when nothing has been asked, or is due."""
    found = ratings.list_of(tx, person.id, for_staff=staff_id)
    lines = rating_forms.lines_of(tx, house, person, now)
    if not found and not lines:
        return None
    tasks = rating_tasks.list_of_ratings(tx, [each.id for each in found])
    points = rating_curve.points_of(tx, house, person.id, for_staff=staff_id)
    return RatingsPart(
        drawn=draw(points),
        words=tuple(_words(found, tasks)),
        in_use=tuple(dict.fromkeys(point.texts for point in reversed(points))),
        unanswered=sum(each.state not in GIVEN for each in found),
        check_ins=lines,
    )


def _words(found: Sequence[Rating], tasks: Mapping[int, Task]) -> list[Words]:
    """What was written, and what low answers led to, the latest first."""
    told = []
    for each in reversed(found):
        task = tasks.get(each.id)
        if each.comment or task is not None or not each.readable:
            text = "(går inte att läsa)" if not each.readable else each.comment
            told.append(
                Words(
                    each.id, each.answered_at or each.asked_at, text,
                    task.item_id if task and task.closed_at is None else None,
                    task.changed or "" if task else "", TOLD.get(task.told, "") if task else "",
                )
            )  # fmt: skip
    return told[:MOST_WORDS]


# --- one session ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one rating of a session. `may_fill`: it can still be filled in."""

    role: str
    words: str
    at: datetime | None
    may_fill: bool


def standing_of(tx: Tx, session: Appointment, staff_id: int | None, now: datetime) -> dict[str, Standing]:
    """Tell how it stands with the ratings before and after a session, by role, as a staff member may see it."""
    found = {each.role: each for each in ratings.list_for_sessions(tx, [session.id])}
    told = {}
    for role in ("before", "after"):
        each, may = found.get(role), not rating_forms.closed_to(session, role, now)
        if each is None:
            words = "" if rating_forms.took_place(session) else "Frågas inte, för träffen blev inte av"
            told[role] = Standing(role, words, None, may)
        elif each.hidden_from is not None and each.hidden_from == staff_id:
            told[role] = Standing(role, "Personen vill att någon annan läser det", None, False)
        else:
            told[role] = Standing(
                role, label(STATE, each.state), each.answered_at or each.asked_at, may and each.is_open
            )  # fmt: skip
    return told


# --- a task in the inbox ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answered:
    """What a task is about: each item with its answer in words ("saknas" for none), and what was written."""

    item: int
    answers: tuple[tuple[str, str], ...]
    comment: str


def of_tasks(tx: Tx, scales: Mapping[str, Scale], item_ids: Sequence[int]) -> list[Answered]:
    """Give what the tasks among some inbox items are about. Who may see the items is the caller's to know."""
    told = []
    for item, task in rating_tasks.list_of_items(tx, item_ids).items():
        each = ratings.find(tx, task.rating_id)
        if each is not None and each.readable:
            scale = scales.get(each.scale)
            names = {} if scale is None else {one.key: one.dimension for one in scale.items}
            order = scale.keys if scale is not None else tuple(each.items)
            answers = [(names.get(key, key), _answer(each.items.get(key))) for key in order]
            told.append(Answered(item, tuple(answers), each.comment or ""))
    return told


def _answer(value: float | None) -> str:
    return page_words().plain("curve.missing") if value is None else whole(value, page_words())
