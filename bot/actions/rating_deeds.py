"""What pages do with ratings, each on one transaction: answer one, close its task, say why nothing was asked.

The talk and the pages share bot.actions.rating_keeping, so that an answer means the same whichever way it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.actions import care, first_care, meetings, rating_asking, rating_keeping, staff_words
from bot.actions.house import House
from bot.actions.meetings import Known
from bot.actions.rating_keeping import ask, open_task, scale_for
from bot.actions.scene import Scene
from bot.channels.base import keepable
from flows.answers import read_reply, signals
from flows.asks import clean
from rules.rating_times import WORTH_TELLING
from rules.ratings import BadItem
from storage import appointments, contacts, inbox, participants, rating_tasks, ratings
from storage.appointments import Appointment
from storage.contacts import Standing
from storage.db import Tx
from storage.ratings import Rating

__all__ = [
    "LONGEST_COMMENT", "AlreadyGiven", "BadItem", "ask", "closed", "find_or_ask", "give", "open_task", "read_words",
    "run_out", "scale_for", "why_not_asked",
]  # fmt: skip

LONGEST_COMMENT: Final = 1_000
"""Characters of the open answer, as in the talk."""

ALARMS: Final = frozenset({"distress", "violence"})


class AlreadyGiven(Exception):
    """The rating cannot be answered: `why` is answered, declined, or expired."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def find_or_ask(tx: Tx, house: House, each: Appointment, role: str, now: datetime, mode: str | None = None) -> Rating:
    """Give the rating of a session, asked for now where nobody has: for staff's device and for paper."""
    known = ratings.find_of_session(tx, each.id, role)
    rating_id = known.id if known is not None else ask(tx, house, each, role, now, mode)
    found = None if rating_id is None else ratings.find(tx, rating_id)
    found = found or ratings.find_of_session(tx, each.id, role)
    if found is None:
        raise LookupError(f"no rating of appointment {each.id}")
    return found


def give(
    tx: Tx, house: House, rating_id: int, items: Mapping[str, float | None], comment: str | None, mode: str,
    now: datetime,
) -> Rating:  # fmt: skip
    """Take a filled-in page, device or paper form: validate, keep, score, open the task, hear what the words say.

    It takes the place of what was answered in the chat; with no item marked, those answers stay and words are added.
    Raises BadItem for a key or a value that the scale has not, with nothing kept; AlreadyGiven; LookupError.
    """
    rating = ratings.find(tx, rating_id, to_change=True)
    if rating is None:
        raise LookupError(f"no rating {rating_id}")
    if not rating.is_open or rating.expires_at <= now:
        raise AlreadyGiven(rating.state if rating.state in ("declined", "expired") or not rating.is_open else "expired")
    _check(tx, house, rating, items, mode)
    marked = any(value is not None for value in items.values())
    how = mode if marked or rating.mode is None else rating.mode
    if marked:
        for key in {**rating.items, **items}:
            ratings.keep_item(tx, now, rating_id, key, items.get(key), mode)
    words = clean(comment or "", LONGEST_COMMENT)
    if words:
        ratings.keep_comment(tx, now, rating_id, words, how)
    done = rating_keeping.finish(tx, house, rating_id, how, now)
    if done is None:
        raise AlreadyGiven("answered")
    _rest_the_talk(tx, done, now)
    if words and not read_words(tx, house, done, words, now):
        open_task(tx, house, done, now)
    return done


def _check(tx: Tx, house: House, rating: Rating, items: Mapping[str, float | None], mode: str) -> None:
    scale = house.scales.get(rating.scale)
    for key in items:
        if scale is not None and key not in scale.keys:
            raise BadItem(f"there is no item {key!r}")
    rating_keeping.scored(tx, house, rating, items, mode)


def _rest_the_talk(tx: Tx, rating: Rating, now: datetime) -> None:
    """The talk about it asks and nudges no more; whoever answers there still is thanked (bot.actions.rating_road)."""
    for who in contacts.list_of(tx, rating.participant_id):
        talk = who.talk
        mine = talk is not None and talk.flow == rating_asking.FEEDBACK
        if talk is not None and mine and talk.facts["extra"].get("rating") == rating.id:
            rating_asking.rest(tx, talk.id, now)


def read_words(tx: Tx, house: House, rating: Rating, words: str, now: datetime) -> bool:
    """Hear distress, violence, STOPP and protected identity in words from a page, as in a chat.

    The answer, the item and the alarm are those of a chat, on the way where the person wrote last; without a way there
    is no answer, but the item and the alarm all the same. True when it was an alarm.
    """
    who = staff_words.best_way(house, contacts.list_of(tx, rating.participant_id))
    scene = Scene(tx, house, who or _without_a_way(tx, rating), now, f"rating:{rating.id}:words")
    reply = read_reply(words, "free", scene.lexicon)
    wants = {reply.meaning, reply.also}
    alarming = bool(wants & ALARMS)
    if alarming and who is None:
        first_care.raise_alarm(scene, "distress" if "distress" in wants else "violence", words)
    elif alarming:
        care.alarm(scene, words, "distress" in wants)
    if who is not None and "stop" in wants:
        first_care.stop(scene)
    elif who is not None and "protected" in signals(words, scene.lexicon):
        first_care.protected(scene)
    scene.flush()
    return alarming


def _without_a_way(tx: Tx, rating: Rating) -> Standing:
    """One whom staff know and nobody can write to, as a scene sees them."""
    person = participants.get(tx, rating.participant_id)
    return Standing(
        0, "none", rating.participant_id, tx.vault.key_for(tx, rating.participant_id), unit_id=rating.unit_id,
        status=person.status, language=person.language, resting_since=person.resting_since,
    )  # fmt: skip


# --- what came of it --------------------------------------------------------------------------------------------------


def closed(tx: Tx, house: House, item_id: int, what_changed: str | None, staff_id: int | None, now: datetime) -> bool:
    """Close the task with what staff did, in words for the person; "" or None: nothing to tell. False if it was closed.

    The person is asked whether they want to know ("vill du veta vad?") when a follow-up may go out.
    """
    task = rating_tasks.find(tx, item_id)
    words = keepable((what_changed or "").strip())
    if task is None or not rating_tasks.close(tx, now, item_id, words or None):
        return False
    inbox.close(tx, item_id, "done", staff_id, now)
    rating = ratings.find(tx, task.rating_id)
    if not words or rating is None:
        return True
    if rating.appointment_id is not None:
        appointments.look_next(tx, rating.appointment_id, now)  # the sweep asks, in its time
        return True
    who = meetings.best_way(house, contacts.list_of(tx, rating.participant_id))
    fresh = rating_tasks.find(tx, item_id)
    if who is not None and fresh is not None:
        rating_asking.begin_told(tx, house, who, fresh, rating, now, now + WORTH_TELLING)
    return True


def why_not_asked(tx: Tx, house: House, each: Appointment, now: datetime, known: Known | None = None) -> str | None:
    """Say in Swedish why a session was not asked about by message; None when it was, will be, or has not been held."""
    if each.outcome != "attended":
        return None
    plan = meetings.plan_of(tx, house, each, now, known)
    return next((dropped.why for dropped in plan.dropped if dropped.kind == "after"), None)


def run_out(tx: Tx, house: House, now: datetime, limit: int = 200) -> int:
    """End the ratings whose time is out: what was begun is scored as it stands, the rest is expired. How many."""
    found = ratings.list_run_out(tx, now, limit)
    for each in found:
        given = each.comment or any(value is not None for value in each.items.values())
        _rest_the_talk(tx, each, now)
        if not given or rating_keeping.finish(tx, house, each.id, each.mode or "page", now) is None:
            ratings.expire(tx, each.id)
    return len(found)
