"""Beginning a talk and taking it further: the engine's turn, turned into rows."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

from bot.actions.first_care import hand_to_a_human, leave_to_staff
from bot.actions.performing import Doer
from bot.actions.scene import Scene
from flows import open_question
from flows.answers import Reply
from flows.asks import Context
from flows.choices import asks_what_it_is
from flows.engine import HANDED_OVER, NUDGE, Event, Repeat, Start, advance
from flows.journal import Journal
from flows.person import Person
from flows.replay import Asked, Said, Turn
from rules.nudge import nudge_at, rests_at
from storage import contacts, conversations, participants, referrals
from storage.contacts import OpenTalk
from storage.conversations import State

NEVER_NUDGED = frozenset({"appointment", "walk_and_talk", "activity"})
"""Talks about a meeting that fall silent rest: its own reminders ask once more, and staff see the silence."""

GREETING = "Hej"
"""What a poster's SMS begins with, before the poster's own word."""

NUDGED_ONCE_BEGUN = frozenset({"session_feedback", "what_changed"})
"""Talks that we begin, where silence to the first question is an answer: only who has begun to answer is nudged."""

CHOICES = frozenset({"choice", "time"})
A_WISH = 6
"""Words that a wish for a human has at most, where free words were asked for. Our choice."""

REACHED = frozenset({"accepted", "sent", "delivered"})
ON_ITS_WAY = frozenset({"queued", "sending"})

PAYLOAD = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*")
SOURCE = re.compile(r"(?=[\w-]{1,64}[,.!?]*$)([A-Za-z0-9-]+)_([A-Za-z0-9_-]+)[,.!?]*$")


def begin(scene: Scene, flow: str, *, poster: str | None = None, returning: bool = False, **extra: Any) -> Turn:
    """Begin a talk, and let it be the one in the foreground."""
    person = _person(scene, poster, returning, extra)
    journal = Journal()
    talk_id = conversations.new_talk_id(scene.now)
    scene.talk_id = talk_id
    turn = _advance(scene, flow, person, journal, Start())
    question = _speak(scene, flow, talk_id, turn)
    state = _state(scene, flow, turn, question, None, None)
    conversations.save_new(
        scene.tx,
        scene.who.key,
        talk_id,
        scene.who.contact_id,
        scene.who.participant_id,
        flow,
        person.dump(),
        journal,
        state,
    )
    goes_on = turn.state in ("open", "resting")
    contacts.set_foreground(scene.tx, scene.who.contact_id, talk_id if goes_on else extra.get("after"))
    scene.note("rule", f"Samtalet {flow} började.")
    return turn


def go_on(scene: Scene, talk: OpenTalk, event: Event) -> Turn:
    """Take a talk one event further, and keep what came of it."""
    person, journal = Person.load(talk.facts), Journal(talk.journal)
    scene.talk_id = talk.id
    turn = _advance(scene, talk.flow, person, journal, event)
    question = _speak(scene, talk.flow, talk.id, turn)
    if turn.hand_over or turn.state == "parked":
        hand_to_a_human(scene, "message", "talk/handed_over", turn.aside, "handed_over")
    elif turn.aside:
        leave_to_staff(scene, turn.aside, "Orden hörde inte till någon fråga och ligger i inkorgen.")
    new = journal.since(len(talk.journal))
    state = _state(scene, talk.flow, turn, question, talk, event)
    conversations.save(scene.tx, scene.who.key, talk.id, talk.journal_text, new, state)
    if turn.state not in ("open", "resting"):
        contacts.set_foreground(scene.tx, scene.who.contact_id, person.extra.get("after"))
    return turn


def is_handed_over(talk: OpenTalk) -> bool:
    """Whether its open question was not understood and is a human's: what else they wish for is heard meanwhile."""
    return Journal(talk.journal).times_unclear(talk.question or "") >= HANDED_OVER


def behind(talk: OpenTalk) -> int | None:
    """The talk that waits behind this one."""
    waits: int | None = Person.load(talk.facts).extra.get("after")
    return waits


def is_about_choices(scene: Scene, text: str) -> bool:
    """Whether the words are one of the choices of the open question and nothing else, or ask what a choice means."""
    if asks_what_it_is(text, scene.lexicon):
        return True
    talk = scene.who.talk
    run = scene.house.flows.get(talk.flow) if talk else None
    if talk is None or run is None:
        return False
    context = Context(scene.lexicon, scene.this_year)
    return open_question.is_own_choice(run, Person.load(talk.facts), talk.journal, text, context)


def answers_instead(scene: Scene, text: str, asks: str | None) -> Reply | None:
    """How words that sound like a wish to be rung are read where they answer what was asked; None where they do not.

    Among choices they may be one; in free words a longer answer is kept whole, and staff see it at once besides.
    """
    if asks in CHOICES and is_about_choices(scene, text):
        return Reply("unclear", None, "a choice, or what it means", None)
    if asks == "free" and len(text.split()) > A_WISH:
        return Reply("unclear", None, "an answer with a wish in it", None, "human")
    return None


def open_number(talk: OpenTalk) -> int:
    """The number of the question that is open: it stands in the value of its buttons."""
    return Journal(talk.journal).times_asked


def seen(talk: OpenTalk, received_at: datetime) -> Literal["yes", "no", "unsure"]:
    """Had the open question reached the person when they wrote? yes, no (it was on its way), or unsure."""
    state = talk.question_state
    if state is None:
        return "yes"
    if state in REACHED:
        accepted = talk.question_accepted_at
        return "yes" if accepted is None or accepted <= received_at else "no"
    return "no" if state in ON_ITS_WAY else "unsure"


def poster_of(text: str, slugs: Collection[str] = ()) -> str | None:
    """The payload of a deep link ("/start alvsbyn_affisch"), "" for a bare /start, None for other words.

    With the units' `slugs`, what a poster puts in an SMS is one too: "Hej alvsbyn_affisch".
    """
    match = PAYLOAD.fullmatch(text)
    if match is not None:
        return match.group(1) or ""
    words = text.split()
    greeted = len(words) == 2 and words[0].strip(",.!").casefold() == GREETING.casefold()
    return poster_among(words[-1], slugs) if len(words) == 1 or greeted else None


def poster_among(text: str, slugs: Collection[str]) -> str | None:
    """The poster's word among others ("Hej alvsbyn_coop! Hur gör man?"): a unit's slug, "_" and the source. Or None.

    Nothing but such a word is taken: what people write themselves must not end up in a column that is not sealed.
    """
    for word in text.split():
        match = SOURCE.match(word)
        if match is not None and match[1].casefold() in slugs:
            return f"{match[1].casefold()}_{match[2]}"
    return None


def _advance(scene: Scene, flow: str, person: Person, journal: Journal, event: Event) -> Turn:
    run = scene.house.flows.get(flow)
    if run is None:
        return Turn(journal, state="parked", why=f"no flow is called {flow} today")
    context = Context(scene.lexicon, scene.this_year, scene.reading, scene.now)
    return advance(run, person, journal, event, context, Doer(scene))


def _person(scene: Scene, poster: str | None, returning: bool, extra: dict[str, Any]) -> Person:
    named = next((unit for unit in scene.units if (poster or "").split("_")[0] == unit.slug), None)
    if named is not None and scene.who.unit_id is None:
        participants.set_unit(scene.tx, scene.who.participant_id, named.id)
        scene.who.unit_id = named.id
    known = scene.unit
    waiting = referrals.open_for(scene.tx, scene.who.participant_id) if scene.who.status != "new" else None
    promise = waiting.promise_by if waiting else None
    if poster:
        extra = {**extra, "poster": poster}
    return Person(
        this_year=scene.this_year,
        channel="sms" if scene.style == "sms" else scene.who.channel,
        reachable=scene.house.channels[scene.who.channel].reachable,
        unit=known.slug if known else None,
        units=tuple(unit.slug for unit in scene.units),
        closed=tuple(unit.slug for unit in scene.units if not unit.live),
        villages={} if known else {unit.slug: list(unit.settings.get("villages", ())) for unit in scene.units},
        poster=poster or None,
        returning=returning,
        name=None if returning else scene.who.profile.get("name"),
        promise=scene.local_day(promise),
        extra=extra,
    )


def _speak(scene: Scene, flow: str, talk_id: int, turn: Turn) -> int | None:
    """Say the news; return the row of the last question, if one was put."""
    question = None
    stamp = f"{talk_id}:{turn.journal.times_asked}"
    for news in turn.news:
        name = news.message if "/" in news.message else f"{flow}/{news.message}"
        if isinstance(news, Said):
            scene.say(name, news.facts, kind=_kind(scene, name))
        else:
            question = _ask(scene, name, news, stamp)
    return question


def _ask(scene: Scene, name: str, news: Asked, stamp: str) -> int:
    facts = {**news.facts, "options": news.options, "option_set": news.option_set, "several": news.several}
    if news.key == NUDGE:
        return scene.say(name, facts, kind="follow_up", why="nudge", stamp=stamp)
    if news.again:
        return scene.say(f"{name}.again", facts, kind=_kind(scene, name), why="again", stamp=stamp)
    return scene.say(name, facts, kind=_kind(scene, name), why=scene.begun_why or "question", stamp=stamp)


def _kind(scene: Scene, name: str) -> str:
    """First care goes out always; everything else in a talk is a reply, unless it is we who begin."""
    return "distress" if name.startswith(("first_care/violence", "first_care/distress")) else scene.begun_as or "reply"


def _question_row(question: int | None, talk: OpenTalk | None, event: Event | None) -> int | None:
    """The row that tells whether the open question was seen. One put once more was seen when it was put before."""
    if talk is None or question is None:
        return question or (talk.question_outbox_id if talk else None)
    return talk.question_outbox_id if isinstance(event, Repeat) and talk.question_accepted_at else question


def _state(
    scene: Scene, flow: str, turn: Turn, question: int | None, talk: OpenTalk | None, event: Event | None
) -> State:
    wake_at: datetime | None = None
    wake_why = None
    if turn.state == "open" and turn.question is not None and turn.asks != "code":  # that one is soon too old
        nudged = turn.journal.has(NUDGE)
        rests = nudged or flow in NEVER_NUDGED or (bool(scene.begun_as) and flow in NUDGED_ONCE_BEGUN)
        wake_at = rests_at(scene.now) if rests else nudge_at(scene.now, scene.house.hours)
        wake_why = "rest" if rests else "nudge"
    return State(
        state=turn.state,
        question=turn.question,
        asks=turn.asks if turn.question else None,
        question_outbox_id=_question_row(question, talk, event),
        outcome=turn.outcome,
        answered_at=scene.now if turn.answered else (talk.answered_at if talk else None),
        touched_at=scene.now,
        wake_at=wake_at if scene.house.channels[scene.who.channel].reachable else None,
        wake_why=wake_why,
    )
