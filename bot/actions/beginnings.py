"""Which talk begins when none is open: what a first word, a question about us or a greeting leads to."""

from __future__ import annotations

from datetime import datetime

from bot.actions import activity_road, first_care, talks
from bot.actions.scene import Scene
from flows.about import is_about_another, names_another
from flows.answers import is_closing, signals
from flows.wishes import (
    A_QUESTION,
    A_WHOLE_QUESTION,
    asks_how_long,
    asks_if_voluntary,
    asks_to_talk,
    asks_what_there_is,
    asks_when_we_write,
    asks_who_is_told,
    asks_why,
    greets,
    is_puzzled,
    means_themself,
    says_sorry,
    speaks_of_another,
)
from rules.nudge import is_returning
from storage import appointments, conversations, referrals
from storage.contacts import OpenTalk

FIRST_QUESTION = "may_ask"
KNOWS = "knows"
WHO = "talk/help_who"
PRIVATE = "talk/help_private"
"""Who reads, and how it is handled: at a first word the welcome says as much."""
WHY = {
    "self_referral": "talk/help_why",
    "for_someone_else": "talk/help_why",
    "session_feedback": "talk/help_why_rating",
}
"""Why we ask, in the talks where we ask much."""
WHAT = {"walk_and_talk": "talk/help_walk"}
"""What it is about, in the talks where it is not we who are asked about."""
SIGNS_UP = ("self_referral", "for_someone_else")
SIGNED_UP = ("referred", "active")
ABOUT_US = frozenset({"what", "where", "when"})
"""Questions whose answer somebody who writes about another wants. How it is done, the talk that begins then shows."""


def begin(scene: Scene, text: str, poster: str | None, received_at: datetime) -> None:
    """No talk is open, and this was written: begin the one that it leads to, if any. `poster`: the word of one."""
    signed_up = scene.who.status in SIGNED_UP and not _returns(scene)
    greets_us = poster is not None or greets(text, scene.lexicon)
    if not _is_new(scene) and not greets_us and is_closing(text, scene.lexicon):
        scene.note("rule", "Avslutande ord efter ett färdigt samtal öppnar inget nytt.")
    elif is_for_someone_else(scene, text):
        _begin_for_someone_else(scene, text, poster)
    elif signed_up and not greets_us and activity_road.heard_rest(scene, text, received_at):
        scene.note("rule", "Orden kom efter en inbjudan, men var inget svar som boten kan läsa.")
    elif signed_up and says_sorry(text, scene.lexicon):
        scene.say("talk/no_need", why="reply")
    elif signed_up and (greets_us or not text):  # nothing: only the language was changed
        talks.begin(scene, "already_signed_up")
    elif signed_up:
        first_care.hand_to_a_human(scene, "message", "talk/received", text, "received")
    else:
        _begin_sign_up(scene, text, poster)


def answer(scene: Scene, text: str, about: str | None) -> None:
    """Answer a question about us: who, what, where, when, how, or None for one that says no such thing.

    Whose first word it is gets the talk too, or it would end in silence. What only a human can answer a human gets.
    """
    message = f"talk/help_{about}" if about else "talk/help"
    talk = scene.who.talk
    if asks_to_talk(text, scene.lexicon):
        scene.say("talk/help_talking", why="reply")
    elif talk is not None and (about_safety := _is_it_safe(scene, text)):
        scene.say(about_safety, why="reply")
    elif talk is not None and talk.flow in WHY and asks_why(text, scene.lexicon):
        scene.say(WHY[talk.flow], why="reply")
    elif talk is not None and about == "what" and talk.flow in WHAT:
        scene.say(WHAT[talk.flow], why="reply")
    elif _is_for_a_human(scene, text, about):
        if talk is None and scene.who.status in SIGNED_UP and activity_road.heard_rest(scene, text, scene.now):
            return  # who leads the group gets it
        first_care.hand_to_a_human(scene, "message", "talk/received", text, "received")
    elif scene.who.talk is not None or scene.who.status != "new" or not _is_new(scene):
        scene.say(message, why="reply")
    elif is_for_someone_else(scene, text):
        if about in ABOUT_US:
            scene.say(message, why="reply")
        _begin_for_someone_else(scene, text)
    else:
        safe = _is_it_safe(scene, text)
        unheard = about is None and len(text.split()) >= A_WHOLE_QUESTION  # a list of commands answers it no better
        _begin_sign_up(scene, text, asked=WHO if safe == PRIVATE or (unheard and not safe) else safe or message)


def _is_it_safe(scene: Scene, text: str) -> str:
    """The message that answers whether one must, or who else gets to know; "" for other questions."""
    if asks_if_voluntary(text, scene.lexicon):
        return "talk/help_voluntary"
    talk = scene.who.talk
    signs_up = talk is None or talk.flow in SIGNS_UP  # only there is a made-up name still to be had
    return PRIVATE if signs_up and asks_who_is_told(text, scene.lexicon) else ""


def tells_when(scene: Scene, text: str) -> bool:
    """Answer when we write, to who has no time ahead and asks: what is promised, else a human. False for all others."""
    asks = asks_when_we_write(text, scene.lexicon)
    if scene.who.status not in SIGNED_UP or not (asks or asks_how_long(text, scene.lexicon)):
        return False
    if appointments.list_coming(scene.tx, scene.who.participant_id, scene.now):
        return False
    waiting = referrals.open_for(scene.tx, scene.who.participant_id)
    promise = waiting.promise_by if waiting is not None and waiting.answered_at is None else None
    if not asks and promise is None:
        return False
    if promise is None or promise <= scene.now:
        first_care.hand_to_a_human(scene, "message", "talk/received", text, "received")
    else:
        scene.say("talk/help_promise", {"promise": scene.local_day(promise)}, why="reply")
    return True


def wants_it_once_more(scene: Scene, text: str) -> bool:
    """Whether it is a "va?" to an open question: no question about us, the talk puts its own once more."""
    talk = scene.who.talk
    return talk is not None and talk.state == "open" and is_puzzled(text, scene.lexicon)


def was_for_someone_else(scene: Scene, talk: OpenTalk, text: str) -> bool:
    """Whether a talk that knows nothing yet turns out to be for somebody else, or for themself; then it ends."""
    if talk.flow == "for_someone_else":
        turns = talk.question == KNOWS and means_themself(text, scene.lexicon)
    else:
        unanswered = talk.flow == "self_referral" and talk.question == FIRST_QUESTION
        turns = unanswered and is_for_someone_else(scene, text)
    if not turns:
        return False
    conversations.set_state(scene.tx, talk.id, "finished", scene.now)
    return True


def _is_for_a_human(scene: Scene, text: str, about: str | None) -> bool:
    """A question in whole words that the bot's own answers do not fit: "vad ska jag ha på mig", "måste jag prata"."""
    known = scene.who.status in SIGNED_UP
    if not known and scene.who.talk is None:
        return False
    if about is None:
        return len(text.split()) >= (A_QUESTION if known else A_WHOLE_QUESTION)  # "har ni läst?"
    whole = about in ("what", "how") and len(text.split()) >= A_WHOLE_QUESTION
    return known and (whole or (about == "what" and asks_what_there_is(text, scene.lexicon)))


def _begin_sign_up(scene: Scene, text: str, poster: str | None = None, asked: str = "") -> None:
    """`asked`: the message that answers what their first word asked. Who we are is told by the welcome itself."""
    extra = {"asked": asked} if asked not in ("", WHO) else {}
    talks.begin(scene, "self_referral", poster=_came_by(scene, text, poster), returning=_returns(scene), **extra)


def _is_new(scene: Scene) -> bool:
    """Somebody who has never written from here, or not for so long that it may be somebody else."""
    return scene.who.last_in_at is None or _returns(scene)


def _returns(scene: Scene) -> bool:
    return is_returning(scene.who.last_in_at, scene.now)


def is_for_someone_else(scene: Scene, text: str) -> bool:
    """Whether they write about another person: a relative, a friend, somebody whom they meet in their work."""
    hears = names_another if scene.who.status in SIGNED_UP else is_about_another  # those we know write for themselves
    return hears(text, scene.lexicon)


def is_told_of_another(scene: Scene, text: str) -> bool:
    """Whether it is somebody else who has it hard: "min son mår inte bra", and in a talk about him "han orkar inte"."""
    talk = scene.who.talk
    about_them = talk is not None and talk.flow == "for_someone_else" and speaks_of_another(text, scene.lexicon)
    return about_them or is_for_someone_else(scene, text)


def _begin_for_someone_else(scene: Scene, text: str, poster: str | None = None) -> None:
    is_partner = "partner" in signals(text, scene.lexicon)
    talks.begin(scene, "for_someone_else", poster=_came_by(scene, text, poster), partner=is_partner)


def _came_by(scene: Scene, text: str, poster: str | None = None) -> str | None:
    return poster or scene.came_by or talks.poster_among(text, [unit.slug for unit in scene.units])
