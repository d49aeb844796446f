"""What a turn needs to know of talks about sessions: that one is over, the page being faster; and one's own curve."""

from __future__ import annotations

from typing import Final

from bot.actions import talks
from bot.actions.rating_asking import CHANGED, FEEDBACK, OURS
from bot.actions.rating_keeping import standing
from bot.actions.scene import Scene
from flows.answers import is_closing, read_reply
from flows.asks import Context, Unclear
from flows.asks_ratings import MayAsk
from flows.numbers import read_number
from storage import contacts, conversations, rating_links, ratings
from storage.contacts import OpenTalk

NEVER_SENT: Final = frozenset({"expired", "cancelled", "failed"})
"""States of a question that nobody has seen and nobody will."""

OPENINGS: Final = frozenset({"may_rate", "may_rate_before", "want_to_know"})
AFTER_ALL_ITEMS: Final = frozenset({"change", "anything"})
"""The open questions: they come when the items have been sent."""


Over = tuple[OpenTalk, str]
"""A talk that nothing more is to be asked in, and why: answered or expired."""


def find_over(scene: Scene) -> Over | None:
    """Give the talk of ours that was answered on the page meanwhile, or whose time has gone; None where there is none.

    One whose first question never went out ends here and now: the person knows nothing of it.
    """
    talk = scene.who.talk
    if talk is None or talk.flow not in OURS:
        return None
    if talk.question in OPENINGS and talk.question_state in NEVER_SENT:
        _end(scene, talk)
        if talk.flow == FEEDBACK:
            ratings.expire(scene.tx, int(talk.facts["extra"]["rating"]))
        return None
    if talk.flow == CHANGED or talk.question in AFTER_ALL_ITEMS:
        return None
    found = standing(scene.tx, int(talk.facts["extra"]["rating"]), scene.now)
    return None if found["open"] else (talk, found["why"])


def ends_with(scene: Scene, over: Over | None, text: str) -> bool:
    """End a talk that is over; thank for words that answer it, and False for words that are about something else."""
    if over is None:
        return False
    talk, why = over
    _end(scene, talk)
    said = read_reply(text, "yesno", scene.lexicon).meaning
    answers = said in ("yes", "no") or is_closing(text, scene.lexicon)
    if not answers and read_number(text, scene.lexicon) is None:
        return False
    _thank(scene, talk, why)
    return True


def ends_with_press(scene: Scene, over: Over | None, value: str) -> bool:
    """End a talk that is over; thank for a press of its button, and False for another talk's button."""
    if over is None:
        return False
    (talk, why), who = over, scene.who
    if who.opted_out_at or who.protected or who.resting_since or not value.startswith(f"{talk.id}:"):
        return False
    _end(scene, talk)
    _thank(scene, talk, why)
    return True


def let_lie(scene: Scene, text: str) -> None:
    """Let a question of ours that was never answered lie, when it rests and the words are about something else."""
    talk = scene.who.talk
    if talk is None or talk.flow not in OURS or talk.state != "resting" or talk.question not in OPENINGS:
        return
    reading = MayAsk().read(text, Context(scene.lexicon, scene.this_year, None, scene.now))
    if isinstance(reading, Unclear):
        _end(scene, talk)


def end_open_question(scene: Scene) -> None:
    """What was written is an alarm, and no answer to the open question: that one is not waited for any more."""
    talk = scene.who.talk
    if talk is not None and talk.flow == FEEDBACK and talk.question in AFTER_ALL_ITEMS:
        _end(scene, talk)


def _end(scene: Scene, talk: OpenTalk) -> None:
    conversations.set_state(scene.tx, talk.id, "finished", scene.now)
    behind = talks.behind(talk)
    contacts.set_foreground(scene.tx, scene.who.contact_id, behind)
    scene.who.talk = contacts.get(scene.tx, scene.who.contact_id).talk if behind is not None else None


def _thank(scene: Scene, talk: OpenTalk, why: str) -> None:
    scene.talk_id = talk.id
    scene.say(f"{FEEDBACK}/too_late" if why == "expired" else f"{FEEDBACK}/already")


def show_curve(scene: Scene) -> None:
    """Give a link to their own curve, which opens once and not for long; none to a phone that others read."""
    who, link = scene.who, scene.house.info_link
    given = [each for each in ratings.list_of(scene.tx, who.participant_id) if each.state in ratings.GIVEN]
    if who.read_by_others or who.protected or not link:
        scene.say("talk/curve_when_we_meet", why="curve")
    elif not given:
        scene.say("talk/curve_none", why="curve")
    else:
        token = rating_links.make(scene.tx, "curve", who.participant_id, None, scene.now + rating_links.CURVE_OPEN)
        scene.say("talk/curve", {"curve_link": f"{link.removesuffix('info')}{token}"}, why="curve")
        scene.note("rule", "En länk till personens egen kurva: den gäller i 30 minuter och går att öppna en gång.")
