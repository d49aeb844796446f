"""The one place where a turn is taken: one message in, everything that comes of it, one commit.

    receive   the message is kept, once, whatever becomes of its turn
    care      distress, violence, STOPP, protected identity: ahead of every talk, in every state
    command   help, a human, another language, my data
    talk      the open talk goes on, or one begins

The turn runs in a savepoint. If it raises, the message stays, is tried again later, and after three tries a person of
ours gets it; the contact's later messages wait their turn meanwhile, but STOPP and distress never wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.actions import (
    activity_road,
    beginnings,
    calling,
    care,
    first_care,
    joining,
    meeting_road,
    rating_road,
    reminding,
    staff_words,
    talks,
)
from bot.actions.house import House
from bot.actions.scene import Happened, Scene
from bot.channels.base import BUTTON, CUT, TEXT, Inbound
from flows.answers import Reply, command, is_closing, read_reply, signals
from flows.engine import Heard, Repeat, Wake
from flows.lexicon import Lexicon
from flows.wishes import A_WHOLE_QUESTION, asks_why, may_ask_us, opens_as_question
from messages.catalog import HOME
from rules.nudge import is_returning
from storage import contacts, conversations, inbound, inbox, participants
from storage.contacts import Standing
from storage.db import Store, Tx
from storage.errors import StoreUnavailable

log = structlog.get_logger(__name__)

URGENT = frozenset({"distress", "violence", "stop"})
BY_PROVIDER = "provider"
NO_QUESTION = frozenset({"name", "year", "phone"})
"""What we ask for where a question is never the answer. Among choices and in free words it may be one of theirs."""
WITHOUT_SORT = frozenset({None, "yesno", "confirm"})
YES_NO = frozenset({"yes", "no"})


@dataclass(slots=True)
class Report:
    """What a turn came to. Ids and words of ours only: it may be logged, and the demo shows it."""

    contact_id: int
    inbound_id: int | None = None
    meaning: str = ""
    flow: str | None = None
    state: str = "handled"  # handled | duplicate | waiting | failed | given_up
    happened: list[Happened] = field(default_factory=list)


def take_turn(store: Store, house: House, message: Inbound, now: datetime) -> Report:
    """Take one message in and answer it: one transaction, committed when this returns.

    The same message given again changes nothing. Raises StoreUnavailable when nothing could be kept; then the channel
    must not acknowledge. Anything else that goes wrong is kept with the message.
    """
    with store.begin() as tx:
        joining.wait_for_turns(tx, message.channel, message.address, message.text)
        who = contacts.find(tx, message.channel, message.address)
        if who is None:
            met = joining.meet(tx, now, message)
            if isinstance(met, int):
                return Report(met, meaning="work_device")
            who = met or _new(tx, house, message, now)
        row = inbound.receive(
            tx, who.key, now, who.contact_id, message.channel, message.provider_id, message.kind, message.text
        )
        if row is None:
            return Report(who.contact_id, state="duplicate")
        if who.waiting_inbound and not _is_urgent(message, house.lexicon(who.language)):
            inbound.wait(tx, row, who.contact_id, now)
            return Report(who.contact_id, row, state="waiting")
        return _guarded(tx, house, who, row, message, now)


def _new(tx: Tx, house: House, message: Inbound, now: datetime) -> Standing:
    """Somebody new, written to in the language that the channel says they read, where we have it."""
    language = message.extra.get("language")
    return contacts.create(
        tx, now, message.channel, message.address, made_up=bool(message.extra.get("made_up")),
        language=language if language in house.catalog.languages() else HOME,
    )  # fmt: skip


def take_waiting(store: Store, house: House, now: datetime) -> list[Report]:
    """Try again the messages whose turn raised, and those that wait behind them, the oldest of each contact first."""
    reports = []
    with store.read() as tx:
        waiting = inbound.list_waiting(tx, now)
    for each in waiting:
        message = Inbound(each.channel, each.address, each.provider_id, each.body, each.kind, each.received_at)
        with store.begin() as tx:
            joining.wait_for_turns(tx, each.channel, each.address, each.body)
            if not inbound.is_waiting(tx, each.id, now):
                continue
            who = contacts.get(tx, each.contact_id)
            report = _guarded(tx, house, who, each.id, message, now)
            if report.state == "handled":
                inbound.handled(tx, each.id, each.contact_id)
            reports.append(report)
    return reports


def wake(store: Store, house: House, talk: conversations.ToWake, now: datetime) -> Report:
    """Nobody answered for long enough: nudge the talk once, or let it rest."""
    with store.begin() as tx:
        contacts.wait_for_turn_of(tx, talk.contact_id)
        if not conversations.is_to_wake(tx, talk, now):
            return Report(talk.contact_id, state="duplicate")
        who = contacts.get(tx, talk.contact_id)
        scene = Scene(tx, house, who, now, f"wake:{talk.id}:{talk.why}")
        open_talk = who.talk if who.talk and who.talk.id == talk.id else None
        if talk.why == "rest" or open_talk is None or who.opted_out_at or who.resting_since or who.protected:
            conversations.set_state(tx, talk.id, "resting", now)
            scene.note("rule", "Ingen svarade: samtalet vilar, och vi frågar inte igen.")
        else:
            talks.go_on(scene, open_talk, Wake("nudge"))
            scene.note("rule", "Anmälan stannade: en enda fråga om de vill fortsätta.")
        scene.flush()
        return Report(who.contact_id, flow=open_talk.flow if open_talk else None, happened=scene.happened)


def say(store: Store, house: House, participant_id: int, text: str, actor: str, now: datetime, nonce: str = "") -> int:
    """Send staff's own words to a person; return the row's id. See `bot.actions.staff_words.say`."""
    with store.begin() as tx:
        return staff_words.say(tx, house, participant_id, text, actor, now, nonce)


# --- one turn -----------------------------------------------------------------------------------------------------


def _guarded(tx: Tx, house: House, who: Standing, row: int, message: Inbound, now: datetime) -> Report:
    """The turn in its savepoint: it happens whole, or the message is marked and tried again."""
    scene = Scene(tx, house, who, now, f"turn:{row}")
    report = Report(who.contact_id, row, happened=scene.happened)
    try:
        with tx.savepoint():
            _turn(scene, message, report)
            scene.flush()
            inbound.understood(tx, row, report.meaning, scene.talk_id)
            contacts.heard_from(tx, who.contact_id, now)
    except StoreUnavailable:
        raise
    except Exception as error:
        # Whatever a turn can raise, the message must not be lost and the next person must not be held up.
        log.exception("turn.failed", contact=who.contact_id, inbound=row, error=type(error).__name__)
        given_up = inbound.fail(tx, row, who.contact_id, now)
        report.state, report.happened = "given_up" if given_up else "failed", []
        if given_up:
            inbox.open_item(
                tx, now, "message", inbox.URGENCY["message"], who.unit_id, who.participant_id, None, message.text
            )
    return report


def _turn(scene: Scene, message: Inbound, report: Report) -> None:
    who, text = scene.who, message.text
    scene.came_by = str(message.extra.get("poster", ""))
    if who.blocked_at is not None:
        contacts.unblock(scene.tx, who.contact_id)
        reminding.look_again(scene.tx, scene.now, who.participant_id)
    _close_what_is_too_old(scene)
    over = rating_road.find_over(scene)
    if message.kind == BUTTON:
        report.meaning = "button"
        if not rating_road.ends_with_press(scene, over, text):
            _pressed(scene, text)
    elif message.kind != TEXT and not _is_urgent(message, scene.lexicon):
        report.meaning = message.kind
        _not_text(scene, message)
    else:
        joining.let_go_of_code(scene, text)
        there = joining.talk_elsewhere(scene)
        reply = _as_the_provider_does(message, who, _read(scene, text, joining.what_is_asked(who, there)))
        report.meaning, at = reply.meaning, message.received_at or scene.now
        if not (activity_road.heard_option(scene, text, reply, at) or _care(scene, text, reply)):
            if reply.look:
                first_care.leave_to_staff(scene, text, "Det kan vara mer än ett svar: en människa tittar.")
            heard = beginnings.tells_when(scene, text) or activity_road.heard(scene, text, reply, at)
            heard = heard or calling.heard_number(scene, text) or meeting_road.heard(scene, text, reply, at)
            heard = heard or rating_road.ends_with(scene, over, text)
            if not (heard or _command(scene, text, reply) or joining.heard(scene, text)):
                _talk(scene, text, at, there)
        if text.endswith(CUT) and who.opted_out_at is None:
            scene.say("talk/too_long")
    report.flow = who.talk.flow if who.talk else None


def _read(scene: Scene, text: str, asks: str | None) -> Reply:
    """Read a reply to a question of that sort. "Orkar inte", and who reads this, are heard whatever was asked."""
    if (wish := command(text, scene.lexicon)) == "my_data" or (wish == "enough" and asks):  # no alarm; no hard day
        return Reply("unclear", None, "a command", None)
    reply = read_reply(text, asks, scene.lexicon)
    if reply.meaning == "human" and reply.also is None:
        reply = talks.answers_instead(scene, text, asks) or reply
    scene.reading = (text, asks, reply)
    if reply.meaning == "unclear" and asks not in WITHOUT_SORT:
        if scene.lexicon.says_it_is_hard(text):
            return read_reply(text, None, scene.lexicon)
        if asks == "time" and (hard := meeting_road.hard_and_no_time(scene, text)):
            return hard
        if may_ask_us(text, scene.lexicon):
            alone = read_reply(text, None, scene.lexicon)
            return alone if alone.meaning == "help" and _asks_us(scene, text, asks, alone) else reply
    return reply


def _asks_us(scene: Scene, text: str, asks: str | None, alone: Reply) -> bool:
    """Whether what is a question to us by itself is one here: who reads, and why, always; others where no answer is."""
    no_answer = asks in NO_QUESTION and len(text.split()) >= A_WHOLE_QUESTION  # "va sa du" wants the question once more
    return alone.value == "who" or no_answer or asks_why(text, scene.lexicon)


def _as_the_provider_does(message: Inbound, who: Standing, reply: Reply) -> Reply:
    """A word that the provider itself obeys means to us what it did there, whatever was asked.

    Its way back is one only for somebody who has stopped: otherwise "yes" is an answer. While a distress case rests
    it is none either, since then a bare "yes" answers what the bot asked about that.
    """
    said = message.extra.get("provider")
    if said == "stop":
        return Reply("stop", BY_PROVIDER, "the provider stops for this word", None)
    if said == "start" and who.opted_out_at is not None and who.resting_since is None:
        return Reply("start", BY_PROVIDER, "the provider starts again for this word", None)
    return reply


def _is_urgent(message: Inbound, lexicon: Lexicon) -> bool:
    """Also in the words beside a picture, and in those that were changed afterwards."""
    if message.extra.get("provider") == "stop":
        return True
    return message.kind != BUTTON and read_reply(message.text, None, lexicon).meaning in URGENT


def _close_what_is_too_old(scene: Scene) -> None:
    """After 90 silent days the number may be someone else's: no name, no history, no old question."""
    who = scene.who
    if not is_returning(who.last_in_at, scene.now):
        return
    if who.talk is not None:
        conversations.set_state(scene.tx, who.talk.id, "finished", scene.now)
        contacts.set_foreground(scene.tx, who.contact_id, None)
        who.talk = None


# --- care, ahead of every talk ------------------------------------------------------------------------------------


def _care(scene: Scene, text: str, reply: Reply) -> bool:
    """Distress, violence, STOPP and START, protected identity. True when the message is taken care of."""
    who, wants = scene.who, (reply.meaning, reply.also)
    if "distress" in wants or "violence" in wants:
        if "stop" in wants:
            first_care.stop(scene, say_receipt=True)
        care.alarm(scene, text, "distress" in wants)
    elif "stop" in wants:
        first_care.stop(scene, provider_word=text if reply.value == BY_PROVIDER else "")
    elif who.opted_out_at is not None:
        if not _wants_back(reply, text):
            _keep_for_staff(scene, text)
        elif first_care.start(scene) and who.talk is not None:
            talks.go_on(scene, who.talk, Repeat())
    elif "protected" in signals(text, scene.lexicon):
        first_care.protected(scene)
    elif who.protected:
        _keep_for_staff(scene, text)
    elif who.resting_since is not None and who.talk and who.talk.flow == "after_violence" and reply.meaning in YES_NO:
        talks.go_on(scene, who.talk, Heard(text, talks.seen(who.talk, scene.now)))
    elif who.resting_since is not None and not _is_command(reply, text, scene.lexicon):
        closing = is_closing(text, scene.lexicon)
        first_care.in_the_rest(scene, text, closing=closing, asks=opens_as_question(text, scene.lexicon))
    else:
        return False
    return True


def _not_text(scene: Scene, message: Inbound) -> None:
    who, words = scene.who, f"[{message.kind}]"
    if who.opted_out_at is not None or who.protected:
        _keep_for_staff(scene, words)
    elif who.resting_since is not None:
        first_care.in_the_rest(scene, words)
    else:
        first_care.not_text(scene, message)


def _wants_back(reply: Reply, text: str) -> bool:
    return reply.meaning == "start" or talks.poster_of(text) is not None


def _is_command(reply: Reply, text: str, lexicon: Lexicon) -> bool:
    return (
        reply.meaning == "human"
        or (reply.meaning, reply.value) == ("help", "who")
        or (command(text, lexicon) or "").startswith(("my_data", "language"))
    )


def _keep_for_staff(scene: Scene, text: str) -> None:
    first_care.leave_to_staff(scene, text, "Boten svarar inte här. Det personen skrev ligger i inkorgen.")


# --- commands -----------------------------------------------------------------------------------------------------


def _command(scene: Scene, text: str, reply: Reply) -> bool:
    """Help, a human, my data, another language, and the two-way question. True when the message is answered."""
    wish = command(text, scene.lexicon) or ""
    if reply.meaning == "help" and not beginnings.wants_it_once_more(scene, text):
        beginnings.answer(scene, text, str(reply.value) if reply.value else None)
    elif reply.meaning == "human":
        calling.hand_over(scene, text)
    elif wish == "my_data":
        first_care.hand_to_a_human(scene, "other", "talk/my_data", text, "human")
    elif wish == "join":
        joining.show_code(scene)
    elif wish == "curve":
        rating_road.show_curve(scene)
    elif wish.startswith("language:"):
        _switch_language(scene, wish.removeprefix("language:"))
    elif reply.meaning == "hard" and not beginnings.is_told_of_another(scene, text):
        talk = scene.who.talk
        today = meeting_road.has_one_today(scene)
        talks.begin(scene, "hard_how", after=talk.id if talk else None, said=text, meeting_today=today)
    else:
        return False
    return True


def _switch_language(scene: Scene, language: str) -> None:
    """Everything from here on is in that language, the open question too."""
    who = scene.who
    if language not in scene.house.catalog.languages():
        scene.say("talk/language_missing")
        return
    participants.set_language(scene.tx, who.participant_id, language)
    who.language = language
    # At the first question they could not read who we are and who reads.
    if who.talk is not None and who.talk.question == beginnings.FIRST_QUESTION:
        scene.say("self_referral/welcome")
    scene.note("stored", f"Personen vill läsa på språket {language}.")
    if who.talk is not None:
        talks.go_on(scene, who.talk, Repeat())
    elif not meeting_road.shows_again(scene):
        _talk(scene, "", scene.now, joining.talk_elsewhere(scene))


# --- talks --------------------------------------------------------------------------------------------------------


def _talk(scene: Scene, text: str, received_at: datetime, there: Standing | None = None) -> None:
    """The open talk goes on, or one begins. `there` is the person's other contact, where one is open."""
    rating_road.let_lie(scene, text)
    talk, clear = joining.bring_talk(scene, there, text) if there else (scene.who.talk, True)
    poster = talks.poster_of(text, [unit.slug for unit in scene.units])
    if talk is not None and beginnings.was_for_someone_else(scene, talk, text):
        beginnings.begin(scene, text, poster, received_at)
    elif talk is not None and (poster is not None or not (clear or talks.seen(talk, received_at) == "no")):
        talks.go_on(scene, talk, Repeat())
    elif talk is not None:
        turn = talks.go_on(scene, talk, Heard(text, talks.seen(talk, received_at)))
        scene.note("rule", "Svaret lästes." if turn.answered else "Svaret blev inte läst som ett svar.")
        if turn.wonders is not None:
            beginnings.answer(scene, text, turn.wonders.about)
    else:
        beginnings.begin(scene, text, poster, received_at)


def _pressed(scene: Scene, value: str) -> None:
    """A button counts while its question is open, and says kindly so otherwise."""
    who, talk = scene.who, scene.who.talk
    asked_by_care = talk is not None and talk.flow == "after_violence"
    if who.opted_out_at or who.protected or (who.resting_since and not asked_by_care):
        _keep_for_staff(scene, "[knapp]")
        return
    at, _, option = value.rpartition(":")
    if meeting_road.pressed(scene, at, option) or activity_road.pressed(scene, at, option):
        return
    talk = talk or joining.bring_pressed(scene, at)
    if talk is None or at != f"{talk.id}:{talks.open_number(talk)}" or not option:
        scene.say("talk/old_button")
        return
    talks.go_on(scene, talk, Heard(option, pressed=option))
