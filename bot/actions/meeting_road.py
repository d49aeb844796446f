"""Is this about a meeting? Words and buttons that answer one, whatever else is talked of.

A button carries the meeting and its version, so it counts in every state of the talk. Words count when they answer the
last thing that we asked: a reminder that came after a talk's question is answered before that question is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.actions import first_care, meetings, talks
from bot.actions.scene import OPTIONS, Scene
from flows.answers import Reply, command, is_closing, read_reply
from flows.asks import Context
from flows.asks_times import lies_in, names_a_day, wanted_in
from flows.meeting_words import MeetingWords, read_meeting_words, wants_a_walk
from flows.wishes import A_WHOLE_QUESTION, nobody_was_there, tells_of_the_past
from rules.calendar import to_local
from rules.roster import on_duty
from storage import appointments, conversations
from storage.appointments import Appointment, LastWord, Word
from storage.contacts import OpenTalk

PRESSED: Final = frozenset(option for options in OPTIONS.values() for option in options)

NOT_YET: Final = frozenset({"new", "outside", "exited"})
"""How far those have come who have no meetings: nothing is looked up for them."""

NO_ANSWER: Final = frozenset({"unsure", "puzzled"})
"""Wishes that are no answer to a question, and nothing at all where none was put."""

FOR_OTHERS: Final = frozenset({"human", "hard", "start"})
"""Meanings that have a road of their own, also with a meeting ahead."""

ANSWERS: Final = frozenset({"yes", "no", "move", "cancel", "not_today"})
"""Wishes that answer something; they need a meeting that the person has been told of."""

PLAIN: Final = frozenset({"yes", "no"})
"""Answers that fit any question."""

OFFERS_NEW: Final = frozenset({"cancelled", "missed", "we_failed"})
"""Messages that ask whether they want a new time."""

SOON: Final = timedelta(hours=3)
"""So near a meeting, words of somebody who has it are read before it. Our choice."""

REMEMBERED: Final = timedelta(days=3)
"""So long after the last word of a meeting that is no more, an answer is still taken to be about it. Our choice."""


def heard(scene: Scene, text: str, reply: Reply, received_at: datetime) -> bool:
    """Take words that are about a meeting, or ask for a walk; False for all others."""
    who, talk = scene.who, scene.who.talk
    if who.status in NOT_YET or reply.meaning in FOR_OTHERS - {"human"}:
        return False
    coming = appointments.list_coming(scene.tx, who.participant_id, scene.now)
    told = _told(scene, coming, received_at)
    last = appointments.last_word(scene.tx, who.participant_id, scene.now - REMEMBERED)
    busy = talk is not None and talk.state == "open"
    elsewhere = busy and talk is not None and not _asked_since(talk.question_accepted_at, told, last)
    agreed = coming[0].starts if len(coming) == 1 else None
    context = Context(scene.lexicon, scene.this_year, None, scene.now)
    words = read_meeting_words(text, context, agreed)
    # Who will not meet one of us says so whatever was asked: as an answer it would be a plain no.
    if elsewhere and talk is not None and words.wish != "not_with" and not talks.is_handed_over(talk):
        return False
    if reply.meaning == "human":
        of_ours = _of_their_time(words, text, coming, context)
        return of_ours is not None and _heard_words(scene, text, reply, of_ours, _Ahead(coming, told, last, busy))
    if words.wish in NO_ANSWER and not any(each.asks for each in told):
        words = replace(words, wish="free")
    if (words.wish == "free" or not (coming or last)) and wants_a_walk(text, scene.lexicon):
        _begin(scene, "walk_and_talk", asked_by="person", said=text, wanted=wanted_in(text, context))
        return True
    if elsewhere and words.wish in (*PLAIN, "free", ""):
        return False
    return _heard_words(scene, text, reply, words, _Ahead(coming, told, last, busy))


def _of_their_time(
    words: MeetingWords, text: str, coming: Sequence[Appointment], context: Context
) -> MeetingWords | None:  # fmt: skip
    """What a wish for a human says of the time that they have; None where it says nothing of that.

    Somebody else of us ("vill helst träffa nån annan än Anna"), or a booked call at another time ("ring efter 14").
    """
    if words.wish == "not_with":
        return words
    if len(coming) != 1 or coming[0].form != "phone":
        return None
    wanted = wanted_in(text, context, coming[0].starts)
    if wanted is None or lies_in(coming[0].starts.isoformat(), wanted):
        return None
    return replace(words, wish="move", wanted=wanted)


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The meetings ahead, what was told of them, the last word of any, and whether a talk is open."""

    coming: Sequence[Appointment]
    told: Sequence[_Told]
    last: LastWord | None
    busy: bool


def _heard_words(scene: Scene, text: str, reply: Reply, words: MeetingWords, ahead: _Ahead) -> bool:
    """Words that ask for no walk: an explanation, something that is hours away, an answer; False for all others."""
    coming, told, last = ahead.coming, ahead.told, ahead.last
    if last is not None and last.name == "missed" and not coming and _explains(scene, text, reply, words):
        return True
    if words.wish == "free" and not ahead.busy and _is_soon(scene, coming, text, reply):
        _begin_about(scene, text, words, coming[0])
        return True
    if words.wish in ("free", "") or (is_closing(text, scene.lexicon) and not any(each.asks for each in told)):
        return False
    if ahead.busy and words.wish in PLAIN and _is_answered(scene, last):
        return False  # it answers the talk that came back
    if words.wish in PLAIN and _is_about_a_session(scene.who.talk, told, last):
        return False
    taken = _taken(scene, text, words, coming, told, last)
    if taken and words.wish in PLAIN and _asks_too(text, Context(scene.lexicon, scene.this_year, None, scene.now)):
        first_care.hand_to_a_human(scene, "message", "talk/received", text, "received")
    return taken


def shows_again(scene: Scene) -> bool:
    """Put the next meeting once more, and whether it suits where that is not answered. False when there is none."""
    coming = appointments.list_coming(scene.tx, scene.who.participant_id, scene.now)
    if not coming:
        return False
    words = MeetingWords("puzzled" if coming[0].answer is None else "when", None, "once more")
    _begin_about(scene, "", words, coming[0])
    return True


def _is_soon(scene: Scene, coming: Sequence[Appointment], text: str, reply: Reply) -> bool:
    """Whether a person must read it before a meeting that is hours away: "det regnar, ska vi ändå gå?"."""
    if not coming or coming[0].starts - scene.now > SOON or coming[0].starts < scene.now:
        return False
    if not on_duty(scene.roster, scene.now):
        return False
    plain = command(text, scene.lexicon) is None and not is_closing(text, scene.lexicon)
    about_us = reply.meaning == "help" and reply.value == "who"
    unread = reply.meaning in ("unclear", "help") and not about_us
    return plain and unread and len(text.split()) >= A_WHOLE_QUESTION


def _explains(scene: Scene, text: str, reply: Reply, words: MeetingWords) -> bool:
    """Why they missed it, or that they are sorry: told once that it is all right, and kept for staff."""
    tells = words.wish in PLAIN and tells_of_the_past(text, scene.lexicon)  # "glömde helt" is no no to a new time
    if not (tells or words.wish in ("free", "late", "lost", "here", "sick")) or "?" in text:
        return False
    if reply.meaning == "help" or command(text, scene.lexicon) is not None:
        return False
    if tells and nobody_was_there(text, scene.lexicon):
        first_care.hand_to_a_human(scene, "message", "talk/received", text, "received")
    elif first_care.leave_to_staff(scene, text, "Personen skriver om träffen som inte blev av."):
        scene.say("talk/it_is_okay", why="reply")
    return True


def hard_and_no_time(scene: Scene, text: str) -> Reply | None:
    """How a text is read that says how somebody is where a time was asked for: "mår skit idag" wishes for none."""
    reply = read_reply(text, "yesno", scene.lexicon)
    context = Context(scene.lexicon, scene.this_year, None, scene.now)
    return reply if reply.meaning == "hard" and not names_a_day(text, context) else None


def _asks_too(text: str, context: Context) -> bool:
    """Whether a yes or a no has a question beside it that only a human can answer: "okej! kan jag ta med hunden?"."""
    asked = [clause for clause in re.findall(r"[^.!?\n]+\?", text) if len(clause.split()) >= A_WHOLE_QUESTION]
    return any(context.reply(clause, None).meaning in ("unclear", "help") for clause in asked)


def _taken(
    scene: Scene, text: str, words: MeetingWords, coming: Sequence[Appointment], told: Sequence[_Told],
    last: LastWord | None,
) -> bool:  # fmt: skip
    """Words that are about a meeting: which one, and as the person knows it."""
    calls_off = words.wish == "cancel" and bool(coming)  # that is no answer to an offer of a new time
    offers_new = last is not None and last.name in OFFERS_NEW and words.wish in ANSWERS and not calls_off
    # Where a new time was found since, what is said now is about that one.
    if offers_new and last is not None and not (coming and _is_answered(scene, last)):
        over = appointments.get(scene.tx, last.meeting)
        _about_a_new_time(scene, text, words, over, wants=words.wish in ("yes", "move"))
        return True
    if not coming:
        return _after_it_is_no_more(scene, text, words, None if last is None else last.meeting)
    if words.wish in ANSWERS and not any(each.asks for each in told):
        old = _seen_before(scene, coming, told)
        if old is not None:  # word of the change is still on its way: they answer what it was before
            _begin_about(scene, text, words, old, version=old.version - 1)
            return True
    if words.wish in ANSWERS and not told:
        return False  # a yes never answers what has not been seen
    one = _which(told) if words.wish in ANSWERS | NO_ANSWER else coming[0] if len(coming) == 1 else None
    _begin_about(scene, text, words, one)
    return True


def pressed(scene: Scene, at: str, option: str) -> bool:
    """Take a button of a meeting's own ("m:77:2"); False for all other buttons."""
    name, _, rest = at.partition(":")
    appointment, _, version = rest.partition(":")
    if name != "m" or not (appointment.isdigit() and version.isdigit()) or option not in PRESSED:
        return False
    each = appointments.find(scene.tx, int(appointment))
    theirs = each is not None and each.participant_id == scene.who.participant_id
    if each is not None and theirs and int(version) == each.version and meetings.asks(each) == "go_on":
        _about_a_new_time(scene, "", None, each, wants=option == "yes")
        return True
    wish = {"not_now": "no"}.get(option, option)
    _begin(scene, "appointment", said="", wish=wish, minutes=None, appointment=int(appointment), version=int(version))
    return True


def has_one_today(scene: Scene) -> bool:
    """Whether the person has a meeting later today, where they live."""
    zone, today = scene.house.hours.zone, to_local(scene.now, scene.house.hours.zone).date()
    if scene.who.status in NOT_YET:
        return False
    coming = appointments.list_coming(scene.tx, scene.who.participant_id, scene.now)
    return any(to_local(each.starts, zone).date() == today and each.ends > scene.now for each in coming)


@dataclass(frozen=True, slots=True)
class _Told:
    """A meeting that the person has been told of."""

    meeting: Appointment
    word: Word | None

    @property
    def asks(self) -> bool:
        return self.meeting.answer is None


def _told(scene: Scene, coming: Sequence[Appointment], received_at: datetime) -> list[_Told]:
    found = []
    for each in coming:
        word = appointments.word_of(scene.tx, each)
        if each.told or (word is not None and word.first <= received_at):
            found.append(_Told(each, word))
    return found


def _is_about_a_session(talk: OpenTalk | None, told: Sequence[_Told], last: LastWord | None) -> bool:
    """Whether a yes or no answers our question about a session, which rests and came after the last of a meeting."""
    if talk is None or talk.state != "resting" or talk.flow not in talks.NUDGED_ONCE_BEGUN:
        return False
    return not _asked_since(talk.question_accepted_at, told, last)


def _asked_since(question_at: datetime | None, told: Sequence[_Told], last: LastWord | None) -> bool:
    """Whether a message about a meeting came after the open talk's question."""
    if question_at is None:
        return False
    offers = last is not None and last.name in OFFERS_NEW and last.at > question_at
    return offers or any(each.word is not None and each.word.last > question_at for each in told)


def _is_answered(scene: Scene, last: LastWord | None) -> bool:
    """Whether the last message about a meeting has been talked about since."""
    if last is None:
        return False
    return conversations.was_touched(scene.tx, scene.who.participant_id, talks.NEVER_NUDGED, last.at)


def _seen_before(scene: Scene, coming: Sequence[Appointment], told: Sequence[_Told]) -> Appointment | None:
    """The meeting that the person knows at another time than the one that holds."""
    known = {each.meeting.id for each in told}
    return next(
        (each for each in coming if each.id not in known and appointments.was_told_before(scene.tx, each)), None
    )


def _which(told: Sequence[_Told]) -> Appointment | None:
    """The meeting that an answer is about: the only one, or the only one that asks; None: ask which."""
    if len(told) == 1:
        return told[0].meeting
    asking = [each.meeting for each in told if each.asks]
    return asking[0] if len(asking) == 1 else None


def _after_it_is_no_more(scene: Scene, text: str, words: MeetingWords, last: int | None) -> bool:
    """An answer to a meeting that was called off or is over, or a question about one when there is none."""
    over = None if last is None else appointments.find(scene.tx, last)
    if over is None and words.wish not in ("when", "cancel"):
        return False
    if over is not None and over.outcome == "attended" and words.wish in PLAIN:
        return False  # nothing about it is open any more
    if over is not None and over.outcome == "attended" and words.wish == "move":  # "kan vi ses igen nästa vecka"
        _about_a_new_time(scene, text, words, over, wants=True)
        return True
    _begin_about(scene, text, words, over)
    return True


def _about_a_new_time(scene: Scene, text: str, words: MeetingWords | None, each: Appointment, *, wants: bool) -> None:
    """An answer to "do you want a new time?", which a message of ours asked."""
    over = meetings.told_of(scene.tx, scene.house, each, scene.now)
    wanted = words.wanted if words is not None else None
    _begin(
        scene, "appointment", said=text, wish="new_time" if wants else "not_now", minutes=None, meeting=over,
        wanted=wanted,
    )  # fmt: skip


def _begin_about(
    scene: Scene, text: str, words: MeetingWords, one: Appointment | None, version: int | None = None
) -> None:
    _begin(
        scene, "appointment", said=text, wish=words.wish, minutes=words.minutes, wanted=words.wanted,
        appointment=one.id if one else None, version=version or (one.version if one else None),
    )  # fmt: skip


def _begin(scene: Scene, flow: str, **extra: Any) -> None:
    """Begin a talk; the one that is open waits behind it."""
    talk = scene.who.talk
    if talk is not None and talk.flow in talks.NEVER_NUDGED:
        behind = talks.behind(talk)  # this talk takes the place of that one, and of nothing else
    else:
        behind = None if talk is None else talk.id
    talks.begin(scene, flow, after=behind, **extra)
