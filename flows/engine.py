"""The engine: takes a talk one event further, and returns only what is new.

A flow is a generator (flows/steps.py). What is kept of a talk is its journal (flows/journal.py), never the generator.
To go on, the flow is run again from its start and fed from the journal (flows/replay.py); everything that the journal
knows passes in silence, and the run stops at the first question that has no answer. So:

- a crash loses nothing, because there is nothing but the journal, and it is committed with the messages that it caused;
- a flow may be edited while people are in it: a new question is asked when it is reached, a removed one never is;
- the same journal and the same words always give the same turn. The engine has no clock, no dice and no database;
  commands are performed by the `Hands` that the caller lends.

An answer belongs to the question that the person saw; `Heard.seen` tells what is known of that. "Va?" has the question
put once more, and a question to us is answered by the caller while ours stays open. What is not understood gets one
friendlier second try, and then a human; where the question may be left out, the talk goes on without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from flows.answers import command
from flows.asks import Change, Context, Declined, Later, Picked, Telling, Understood, Wondering
from flows.asks_back import find_change
from flows.journal import Journal
from flows.replay import Asked, Hands, Parked, Replay, Said, Turn, Wonder, asked, value_of
from flows.steps import DONE, NO_REPLY, SKIPPED, Ask, Flow, Mark
from flows.wishes import A_QUESTION, corrects, is_puzzled, may_ask_us

HANDED_OVER = 2
"""After so many failed answers the talk is a human's."""

MOST_TOLD = 3
"""So often what they tell instead of answering is met with thanks; then it is a failed answer. Our choice."""

NUDGE, CHECK, REST = "~nudge", "~check", "~rest"
"""Questions of the machine's own: shall we go on; is this what you answered; tell us when you want to go on."""


@dataclass(frozen=True, slots=True)
class Start:
    """The talk begins."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something was said or pressed.

    `seen` tells whether the open question had reached the person: `yes`; `no` (the words came before it, so they belong
    to the question before); `unsure` (its sending ended in doubt, so what we read is read back).
    """

    text: str
    seen: Literal["yes", "no", "unsure"] = "yes"
    pressed: str = ""  # the option whose button was pressed; `text` is then its label


@dataclass(frozen=True, slots=True)
class Wake:
    """Nobody answered for long enough: `nudge` once, or give the open question `no_reply`."""

    why: Literal["nudge", "no_reply"]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Put the open question once more, for it is wanted in another language."""


Event = Start | Heard | Wake | Repeat


def advance(flow: Flow, person: Any, journal: Journal, event: Event, context: Context, hands: Hands) -> Turn:
    """Take the talk one event further.

    `person` is what was recorded when the talk began; `journal` is continued in place. Returns the turn: the news to
    send, the open question, and what staff should see. Raises what a command raises. A journal that no longer fits the
    flow gives a turn whose state is `parked`, with nothing to send.
    """
    turn = Turn(journal)
    replay = Replay(flow, person, turn, context, hands)
    try:
        step = replay.run()
        if step is None:
            turn.aside = event.text if isinstance(event, Heard) else None
        elif isinstance(event, Start):
            replay.ask(turn.question or "", step)
        elif isinstance(event, Repeat):
            turn.news.append(asked(turn.question or "", step))
        elif isinstance(event, Wake):
            _wake(replay, step, event)
        else:
            _hear(replay, step, event, context)
    except Parked as parked:
        turn.state, turn.news, turn.why = "parked", [], str(parked)
        turn.aside = event.text if isinstance(event, Heard) else None
    return turn


def _wake(replay: Replay, step: Ask, event: Wake) -> None:
    if event.why == "no_reply":
        replay.answer(replay.turn.question or "", step, NO_REPLY, "")
        replay.settle()
    elif not replay.journal.has(NUDGE):
        _put(replay, NUDGE, "talk/nudge")


def _hear(replay: Replay, step: Ask, event: Heard, context: Context) -> None:
    """Words came while `step` is open: find out whose they are, and what they mean."""
    journal, key = replay.journal, replay.turn.question or ""
    if event.seen == "no":
        _add_to_the_answer_before(replay, event.text)
    elif journal.last_asked in (NUDGE, REST):
        _after_a_pause(replay, key, step, event, context)
    elif journal.last_asked == CHECK:
        _after_check(replay, key, step, event, context)
    elif journal.last_asked != key:
        _answers_what_was_put(replay, journal.last_asked, event.text)
    elif event.pressed or not _obey(replay, key, step, event.text, context):
        _answer(replay, key, step, event, context)


def _answer(replay: Replay, key: str, step: Ask, event: Heard, context: Context) -> None:
    if not event.pressed and is_puzzled(event.text, context.lexicon) and not replay.journal.was_puzzling(key):
        replay.journal.add({"k": key, "t": "puzzled", "raw": event.text})
        replay.turn.news.append(asked(key, step))
        return
    reading = step.reads.pressed(event.pressed) if event.pressed else step.reads.read(event.text, context)
    match reading:
        case Change():
            _change(replay, reading)
        case Later():
            _rest(replay)
        case Understood() if event.seen == "unsure":
            _put(replay, CHECK, "talk/check", raw=event.text, slot=step.slot)
        case Understood():
            replay.answer(key, step, reading.value, event.text)
            replay.settle()
        case Declined() if step.skippable:
            _mark(replay, key, step, SKIPPED, event.text)
        case Declined() if not replay.journal.times_unclear(key):
            replay.journal.add({"k": key, "t": "unclear", "raw": event.text})
            _say(replay, "talk/cannot_skip", slot=step.slot)
        case Wondering() if step.explains:
            _say(replay, step.explains, option=reading.option)
        case Telling() if (
            replay.journal.times_told(key) < MOST_TOLD and replay.journal.times_unclear(key) < HANDED_OVER
        ):
            replay.journal.add({"k": key, "t": "told", "raw": event.text})
            replay.turn.news.append(asked(key, step, again=True, told=True))
        case _ if wonder := _wonder(event.text, context):
            replay.journal.add({"k": key, "t": "aside", "raw": event.text})
            replay.turn.wonders, replay.turn.why = wonder, reading.why
        case _:
            _not_understood(replay, key, step, event.text, reading.why)


def _wonder(text: str, context: Context) -> Wonder | None:
    """A question in whole words is no failed answer: it is answered, and the one of ours stays open."""
    if len(text.split()) < A_QUESTION or not may_ask_us(text, context.lexicon):
        return None
    reply = context.reply(text, None)
    if reply.meaning == "help":
        return Wonder(str(reply.value) if reply.value else None)
    return Wonder(None) if reply.meaning == "unclear" and text.rstrip().endswith("?") else None


def _not_understood(replay: Replay, key: str, step: Ask, text: str, why: str) -> None:
    """One friendlier second try, then a human; never the same a third time, for it feels like failing a test.

    What comes after that is a human's too. It is met with a thank-you once, for silence would be cold.
    """
    replay.journal.add({"k": key, "t": "unclear", "raw": text})
    replay.turn.why = why
    times = replay.journal.times_unclear(key)
    if times == 1:
        replay.turn.news.append(asked(key, step, again=True))
    elif step.moves_on:
        replay.turn.aside = text
        _say(replay, "talk/moves_on")
        _mark(replay, key, step, SKIPPED, text)
    else:
        replay.turn.aside, replay.turn.hand_over = text, times == HANDED_OVER
        if times == 3:
            _say(replay, "talk/kept_too")


# --- words that came at another moment than the question ----------------------------------------------------------


def _add_to_the_answer_before(replay: Replay, text: str) -> None:
    """The open question had not reached the person: the words join the last answer, or go to staff."""
    answers = replay.journal.answers_in_order()
    last = answers[-1] if answers else None
    step = replay.road.get(last["k"]) if last else None
    if last is not None and step is not None and not replay.journal.done_after(last):
        value = value_of(last, step)
        longer = None if isinstance(value, Mark) else step.reads.add(value, text)
        if longer is not None:
            replay.answer(last["k"], step, longer, f"{last['raw']}\n{text}")
            replay.settle()
            return
    _aside(replay, text)


def _answers_what_was_put(replay: Replay, put: str | None, text: str) -> None:
    """The flow was edited under the talk: the words answer the question that was put, not today's."""
    if put is None:
        _aside(replay, text)
    else:
        replay.journal.add({"k": put, "t": "heard", "raw": text})
    replay.settle()
    if put is not None and replay.journal.heard(put) is not None and put not in replay.road:
        replay.turn.aside = text


def _aside(replay: Replay, text: str) -> None:
    replay.journal.add({"k": replay.turn.question or "", "t": "aside", "raw": text})
    replay.turn.aside = text


def _after_a_pause(replay: Replay, key: str, step: Ask, event: Heard, context: Context) -> None:
    """An answer to "shall we go on?", or straight to the question that was open before the pause."""
    meaning = event.pressed or context.reply(event.text, "yesno").meaning
    wish = command(event.text, context.lexicon)
    reading = step.reads.read(event.text, context)
    if meaning == "not_now" or wish == "later":
        _rest(replay)
    elif meaning == "no" or wish == "cancel":
        _leave(replay)
    elif meaning == "yes" or not isinstance(reading, Understood):
        replay.ask(key, step)
    else:
        replay.answer(key, step, reading.value, event.text)
        replay.settle()


def _after_check(replay: Replay, key: str, step: Ask, event: Heard, context: Context) -> None:
    """An answer to "did you mean this question?": yes keeps the words, anything else puts the question again."""
    if (event.pressed or context.reply(event.text, "yesno").meaning) == "yes":
        replay.journal.add({"k": key, "t": "heard", "raw": replay.journal.to_check})
        replay.journal.add({"k": key, "t": "ask", "as": f"Ask:{type(step.reads).__name__}"})
        replay.settle()
    else:
        replay.ask(key, step)


# --- what a person may say at any question ------------------------------------------------------------------------


def _obey(replay: Replay, key: str, step: Ask, text: str, context: Context) -> bool:
    """Do what TILLBAKA, HOPPA ÖVER, KLAR, ÄNDRA, AVBRYT, BÖRJA OM and INTE NU ask for. False for other words."""
    wish = command(text, context.lexicon)
    match wish:
        case "back":
            _back(replay)
        case "skip" if step.skippable:
            _mark(replay, key, step, SKIPPED, text)
        case "enough" if step.reads.hears_enough:
            return False
        case "finish" | "enough" if step.finishable:
            _mark(replay, key, step, DONE, text)
        case "skip":
            _say(replay, "talk/cannot_skip", slot=step.slot)
        case "finish":
            _say(replay, "talk/cannot_finish")
        case "change":
            slots = tuple(each.slot for each in replay.road.values())
            change = find_change(text, slots, context)
            _change(replay, change) if change else _say(replay, "talk/which_change")
        case "cancel" | "enough":
            _leave(replay)
        case "restart":
            replay.settle() if replay.start_over() else _say(replay, "talk/already_sent")
        case "later" if not _chooses(step, text, context):
            _rest(replay)
        case None if corrects(text, context.lexicon) and (change := _change_in(replay, text, context)):
            _change(replay, change)
        case _:
            return False
    return True


def _change_in(replay: Replay, text: str, context: Context) -> Change | None:
    """The answer given that a correction names: "oj fel år, 98"."""
    given = [each.slot for key, each in replay.road.items() if replay.journal.answer(key)]
    return find_change(text, tuple(given), context)


def _chooses(step: Ask, text: str, context: Context) -> bool:
    """Whether the words are one of the question's own choices, as "senare" is among the parts of a day."""
    reading = step.reads.read(text, context) if step.reads.options() else None
    if not isinstance(reading, Understood):
        return False
    return not isinstance(reading.value, Picked) or bool(reading.value.keys)


def _mark(replay: Replay, key: str, step: Ask, mark: Mark, text: str) -> None:
    replay.answer(key, step, mark, text)
    replay.settle()


def _back(replay: Replay) -> None:
    answers = replay.journal.answers_in_order()
    if not answers:
        _say(replay, "talk/first_question")
    elif replay.take_back(answers[-1]):
        replay.settle()
    else:
        _say(replay, "talk/already_sent")


def _change(replay: Replay, change: Change) -> None:
    """Open one earlier answer again; later answers stay while their questions are still reached."""
    keys = [key for key, step in replay.road.items() if step.slot == change.slot and replay.journal.answer(key)]
    entry = replay.journal.answer(keys[-1]) if keys else None
    if entry is None:
        _say(replay, "talk/which_change")
    elif not replay.take_back(entry):
        _say(replay, "talk/already_sent")
    else:
        if change.words:
            replay.journal.add({"k": entry["k"], "t": "heard", "raw": change.words})
        replay.settle()


def _rest(replay: Replay) -> None:
    replay.turn.state = "resting"
    _put(replay, REST, "talk/resting")


def _leave(replay: Replay) -> None:
    replay.turn.state, replay.turn.outcome, replay.turn.question = "cancelled", "left", None
    _say(replay, "talk/left")


def _put(replay: Replay, key: str, message: str, raw: str = "", **facts: Any) -> None:
    """Ask something of the machine's own; it stands before the open question until it is answered."""
    entry = {"k": key, "t": "ask", "as": "Ask:YesNo"}
    replay.journal.add(entry | {"raw": raw} if raw else entry)
    replay.turn.news.append(Asked(key, message, facts, ("yes", "no"), "yesno"))


def _say(replay: Replay, message: str, **facts: Any) -> None:
    replay.turn.news.append(Said(message, facts))
