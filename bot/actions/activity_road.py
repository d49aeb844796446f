"""Is this about a group activity? Words and buttons that answer an invitation, and the code at the door.

A button carries the invitation and the activity's version, so it counts in every state of the talk. Words count when
they answer the last thing that we asked. Where an invitation and a meeting both wait for an answer and came together,
the person is asked which; else the one that came last is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.actions import activities as acts
from bot.actions import activity_facts, first_care, meeting_road, meetings, talks
from bot.actions.scene import Scene
from flows.answers import Reply, is_closing
from flows.asks import Context
from flows.asks_times import lies_in
from flows.engine import Heard
from flows.group_words import (
    ABOUT,
    GROUP,
    MARKS,
    GroupWords,
    answers_and_asks,
    door_code,
    is_hard,
    mark_in,
    read_group_words,
)
from flows.wishes import is_puzzled
from storage import activities, appointments, group_words, invitations, staff
from storage.activities import Activity
from storage.group_words import GroupWord
from storage.invitations import COMES, Invitation

PRESSED: Final = frozenset({*GROUP, "not_now", *MARKS})
TOGETHER: Final = timedelta(hours=12)
"""Two questions of ours this near each other are answered by a word that fits both: which one is asked. Our choice."""

MARKED_WITHIN: Final = timedelta(days=3)
"""So long after "hur var det?" a number is still taken to be its answer. Our choice."""

LONG: Final = 4
"""Words: what is longer than this is no plain answer."""

ABOUT_ANY: Final = frozenset({"when", *ABOUT})
"""Questions and worries about what is ahead, however far ahead it is."""

TALKED: Final = frozenset({"late", "lost", *ABOUT_ANY})
"""Wishes about the activity itself, which answer nothing."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An invitation of theirs to what is ahead, and the last that was said of it; `options`: what that still asks."""

    mine: Invitation
    there: Activity
    word: GroupWord
    options: tuple[str, ...]

    @property
    def version(self) -> int:
        """The version that the person has seen: one that was written before a change is another."""
        changed = self.there.changed_at
        return self.there.version - (changed is not None and self.word.written < changed)


def heard_option(scene: Scene, text: str, reply: Reply, received_at: datetime) -> bool:
    """Take "ja, men det känns svårt" where we had just written it as an answer: there it is one, and no alarm."""
    who = scene.who
    barred = who.status in meeting_road.NOT_YET or who.opted_out_at or who.protected or who.resting_since
    if barred or reply.meaning not in ("distress", "hard") or not is_hard(text, scene.lexicon):
        return False
    talk = who.talk
    if talk is not None and talk.state == "open" and (talk.flow, talk.question) == ("activity", "answer"):
        talks.go_on(scene, talk, Heard(text, talks.seen(talk, received_at)))
        return True
    asking = [each for each in _known(scene, received_at) if each.options == GROUP]
    if not asking or (talk is not None and talk.state == "open" and not _since_question(scene, asking)):
        return False
    _begin(scene, "hard", text, asking)
    return True


def heard(scene: Scene, text: str, reply: Reply, received_at: datetime) -> bool:
    """Take words that answer an invitation, or are about an activity ahead; False for all others."""
    who, talk = scene.who, scene.who.talk
    if who.status in meeting_road.NOT_YET:
        return False
    if _checked_in(scene, text):
        return True
    if reply.meaning in meeting_road.FOR_OTHERS or not invitations.any_for(scene.tx, who.participant_id):
        return False
    if _marked(scene, text, received_at):
        return True
    known = _known(scene, received_at)
    if not known:
        return _is_off(scene, text, received_at)
    asking = [each for each in known if each.options]
    if talk is not None and talk.state == "open" and not _since_question(scene, known):
        return False
    shown = max(asking, key=lambda each: each.word.at).options if asking else ()
    if asking and is_puzzled(text, scene.lexicon):
        return heard_rest(scene, text, received_at)
    return _read(scene, text, shown, known, asking)


def _read(scene: Scene, text: str, shown: Sequence[str], known: Sequence[_Known], asking: Sequence[_Known]) -> bool:
    """Take what the words say; an answer with a question behind it is kept, and a human gets the question."""
    context = Context(scene.lexicon, scene.this_year, None, scene.now)
    if first := answers_and_asks(text, context, shown):
        taken = _taken(scene, text, first, known, asking)
        if taken:
            first_care.hand_to_a_human(scene, "message", "talk/received", text, "received")
        return taken
    read = read_group_words(text, context, shown)
    if read.wish in ("", "free") or (is_closing(text, scene.lexicon) and not asking):
        return False
    return _taken(scene, text, read, known, asking)


def heard_rest(scene: Scene, text: str, received_at: datetime) -> bool:
    """Take words that nothing else could read, when an invitation is what we asked last and no talk is open."""
    asking = [each for each in _known(scene, received_at) if each.options]
    if not asking:
        return False
    last = max(asking, key=lambda each: each.word.at)
    about = appointments.last_word(scene.tx, scene.who.participant_id, last.word.at)
    if about is not None:  # a meeting was asked about since
        return False
    _begin(scene, "unclear" if len(text.split()) <= 3 and last.options == GROUP else "free", text, [last])
    return True


def pressed(scene: Scene, at: str, option: str) -> bool:
    """Take a button of an activity's own ("g:77:2"); False for all other buttons."""
    name, _, rest = at.partition(":")
    number, _, version = rest.partition(":")
    if name != "g" or not (number.isdigit() and version.isdigit()) or option not in PRESSED:
        return False
    if option in MARKS:
        _begin_talk(scene, wish="mark", invitation=int(number), value=MARKS.index(option) + 1)
    else:
        _begin_talk(scene, wish=option, said="", invitation=int(number), version=int(version))
    return True


def _checked_in(scene: Scene, text: str) -> bool:
    """Take "här 4711" from somebody who is invited that day: attendance is noted. False for other words."""
    code = door_code(text)
    if code is None:
        return False
    came, there = acts.check_in(scene, code)
    facts = {"starts": there.starts.isoformat()} if there is not None and came == "early" else {}
    scene.say({"here": "activity/here", "early": "activity/here_early", "wrong": "activity/here_wrong"}[came], facts)
    if came == "here":
        scene.note("stored", "Närvaron är noterad av personen själv.")
    return True


# --- what is known ----------------------------------------------------------------------------------------------------


def _known(scene: Scene, received_at: datetime) -> list[_Known]:
    """The invitations to what is ahead that the person has seen, each with the last that was said of it."""
    tx, who, now = scene.tx, scene.who.participant_id, scene.now
    open_ = invitations.open_for(tx, who, now)
    if not open_:
        return []
    said = group_words.list_said(tx, who, min(each.asked_at for each in open_))
    seen = [word for word in said if word.at <= received_at]
    found = []
    for mine in open_:
        words = [word for word in seen if word.activity == mine.activity_id]
        if words:
            there = activities.get(tx, mine.activity_id)
            found.append(_Known(mine, there, *_last(words, mine, there, now)))
    return found


def _last(
    words: Sequence[GroupWord], mine: Invitation, there: Activity, now: datetime
) -> tuple[GroupWord, tuple[str, ...]]:
    """The newest word that still asks something, or else the newest."""
    for word in words:
        options = activity_facts.asks(word.kind, mine, there, now)
        if options:
            return word, options
    return words[0], ()


def _since_question(scene: Scene, known: Sequence[_Known]) -> bool:
    """Whether something about an activity was said after the open talk's question."""
    at = scene.who.talk.question_accepted_at if scene.who.talk is not None else None
    return at is not None and any(each.word.at > at for each in known)


# --- whose answer it is -----------------------------------------------------------------------------------------------


def _taken(
    scene: Scene, text: str, read: GroupWords, known: Sequence[_Known], asking: Sequence[_Known]
) -> bool:  # fmt: skip
    coming = appointments.list_coming(scene.tx, scene.who.participant_id, scene.now)
    if read.wish == "move":
        return False if coming else _told(scene, text, "free", [max(known, key=lambda each: each.word.at)], read)
    if read.wish in TALKED:
        return _talked_about(scene, text, read, known, bool(coming))
    named = [each for each in known if read.wanted is not None and lies_in(each.there.starts.isoformat(), read.wanted)]
    if read.wanted is not None and not named:
        return False  # it names another time than any activity's
    if asking and not (named and not any(each in asking for each in named)):
        return _answered(scene, text, read, [each for each in asking if not named or each in named])
    if read.wish in ("maybe", "hard") or not coming:
        return _told(scene, text, read.wish, named or _answered_before(known, read.wish), read)
    meant = [each for each in coming if read.wanted is None or lies_in(each.starts.isoformat(), read.wanted)]
    if named and not meant:
        return _told(scene, text, read.wish, named, read)
    return _changes_mind(scene, text, read, named or _answered_before(known, read.wish))


def _answered(scene: Scene, text: str, read: GroupWords, asking: Sequence[_Known]) -> bool:
    """An answer while an invitation asks; a meeting may ask too."""
    among = [_as_group(each) for each in asking]
    last = max(each.word.at for each in asking)
    if read.wish in ("yes", "no", "not_now") and not text.strip().isdecimal():
        meeting = _asking_meetings(scene)
        newest = max((at for _, at in meeting), default=None)
        if newest is not None and newest - last > TOGETHER:
            return False
        if newest is not None and last - newest <= TOGETHER:
            among += [each for each, _ in meeting]
    if len(among) > len(asking) or not _one_is_last(asking):
        _begin_talk(scene, wish=read.wish, said=text, among=among, minutes=read.minutes)
    else:
        _begin(scene, read.wish, text, [max(asking, key=lambda each: each.word.at)])
    return True


def _one_is_last(asking: Sequence[_Known]) -> bool:
    times = sorted((each.word.at for each in asking), reverse=True)
    return len(times) == 1 or times[0] - times[1] > TOGETHER


def _asking_meetings(scene: Scene) -> list[tuple[dict[str, Any], datetime]]:
    """The meetings that wait for an answer and have been told of, with when that was said last."""
    found = []
    for each in appointments.list_coming(scene.tx, scene.who.participant_id, scene.now):
        word = appointments.word_of(scene.tx, each)
        if each.answer is None and word is not None:
            name = None if scene.who.read_by_others else staff.names(scene.tx, each.unit_id).get(each.staff_id)
            starts = each.starts.isoformat()
            one = {"kind": "meeting", "id": each.id, "version": each.version, "starts": starts, "with": name}
            found.append((one, word.last))
    last = appointments.last_word(scene.tx, scene.who.participant_id, scene.now - meeting_road.REMEMBERED)
    if last is not None and last.name in meeting_road.OFFERS_NEW and not found:
        over = appointments.get(scene.tx, last.meeting)
        if meetings.asks(over) == "go_on":
            starts = over.starts.isoformat()
            one = {"kind": "meeting", "id": over.id, "version": over.version, "starts": starts, "with": None}
            return [(one, last.at)]
    return found


def _answered_before(known: Sequence[_Known], wish: str) -> list[_Known]:
    """What a change of mind can be about: what they had said something else to comes first."""
    other = [each for each in known if (each.mine.state in COMES) != (wish in COMES)]
    return other or list(known)


def _changes_mind(scene: Scene, text: str, read: GroupWords, known: Sequence[_Known]) -> bool:
    """A yes or no with nothing asked, and both a meeting and an activity ahead: the one that was spoken of last."""
    last = appointments.last_word(scene.tx, scene.who.participant_id, scene.now - meeting_road.REMEMBERED)
    newest = max(max(each.word.at, each.mine.answered_at or each.word.at) for each in known)
    if last is not None and last.at > newest:
        return False
    return _told(scene, text, read.wish, known, read)


def _talked_about(scene: Scene, text: str, read: GroupWords, known: Sequence[_Known], meets: bool) -> bool:
    """Late, lost, when, who: about what is today, or what was spoken of last."""
    theirs = [each for each in known if each.mine.state in (*COMES, "maybe", "asked")]
    if read.wish == "mind":
        theirs = list(known)
    if read.wish not in ABOUT_ANY:
        theirs = [each for each in theirs if abs(each.there.starts - scene.now) <= TOGETHER]
        if meeting_road.has_one_today(scene):
            return False
    elif meets:
        last = appointments.last_word(scene.tx, scene.who.participant_id, scene.now - meeting_road.REMEMBERED)
        theirs = [each for each in theirs if last is not None and each.word.at > last.at]
    if not theirs:
        return False
    return _told(scene, text, read.wish, [min(theirs, key=lambda each: each.there.starts)], read)


def _told(scene: Scene, text: str, wish: str, known: Sequence[_Known], read: GroupWords) -> bool:
    _begin(scene, wish, text, known, read.minutes)
    return True


def _is_off(scene: Scene, text: str, received_at: datetime) -> bool:
    """A yes to what was called off, when that was the last that we said: it is said once more, kindly."""
    who, talk = scene.who.participant_id, scene.who.talk
    if len(text.split()) > LONG or (talk is not None and talk.state == "open"):
        return False
    said = group_words.list_said(scene.tx, who, scene.now - meeting_road.REMEMBERED)
    word = next((each for each in said if each.at <= received_at), None)
    if word is None or word.kind != "cancelled" or _asking_meetings(scene):
        return False
    mine = invitations.find_for(scene.tx, word.activity, who)
    read = read_group_words(text, Context(scene.lexicon, scene.this_year, None, scene.now), GROUP)
    if mine is None or read.wish not in (*COMES, "maybe") or is_closing(text, scene.lexicon):
        return False
    _begin_talk(scene, wish=read.wish, said=text, invitation=mine.id, version=0)
    return True


def _marked(scene: Scene, text: str, received_at: datetime) -> bool:
    """A number after "hur var det?", when that was the last thing asked."""
    mark, who, talk = mark_in(text), scene.who.participant_id, scene.who.talk
    if mark is None:
        return False
    said = group_words.list_said(scene.tx, who, scene.now - MARKED_WITHIN)
    word = next((each for each in said if each.at <= received_at), None)
    if word is None or word.kind != "how_was_it":
        return False
    if talk is not None and talk.state == "open":
        question = talk.question_accepted_at
        if question is None or question > word.at:
            return False
    about = appointments.last_word(scene.tx, who, word.at)
    mine = invitations.find_for(scene.tx, word.activity, who)
    if about is not None or mine is None:
        return False
    _begin_talk(scene, wish="mark", invitation=mine.id, value=mark)
    return True


# --- the talk ---------------------------------------------------------------------------------------------------------


def _as_group(each: _Known) -> dict[str, Any]:
    starts = each.there.starts.isoformat()
    return {"kind": "group", "id": each.mine.id, "version": each.version, "starts": starts, "with": None}


def _begin(scene: Scene, wish: str, text: str, known: Sequence[_Known], minutes: int | None = None) -> None:
    """Begin the talk about one activity, or ask which of several."""
    if len(known) > 1:
        _begin_talk(scene, wish=wish, said=text, among=[_as_group(each) for each in known], minutes=minutes)
    else:
        one = known[0]
        _begin_talk(scene, wish=wish, said=text, invitation=one.mine.id, version=one.version, minutes=minutes)


def _begin_talk(scene: Scene, **extra: Any) -> None:
    """Begin the talk; the one that is open waits behind it, but another of this sort gives way to it."""
    talk = scene.who.talk
    waits = None if talk is None else talk.id
    behind = talks.behind(talk) if talk is not None and talk.flow == "activity" else waits
    facts: Mapping[str, Any] = {name: value for name, value in extra.items() if value is not None}
    talks.begin(scene, "activity", after=behind, **facts)
