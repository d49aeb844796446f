"""Messages to many on their way: undone, stopped, seen by two, pressed twice, raced; and answers go first."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.actions import sending_many
from bot.actions.sending_many import CannotSend, Choice, Ended
from bot.channels.base import Rates
from ingang.settings import Settings
from ingang.wiring import build_house
from scheduler import many as sweeping
from scheduler.dispatcher import Dispatcher
from scheduler.settle import settle
from storage import contacts, participants, sendings, units
from storage.crypto import KeyRing
from storage.db import Store, Tx
from storage.tables_activities import sendings as table
from tests.many_town import WORDS, Many
from tests.servers.scripted import LATER
from tests.town import LOOP, Town

TO_ALL = Choice(text=WORDS)


@pytest.fixture
def many(store: Store) -> Many:
    return Many(Town(store))


def state_of(many: Many, sending_id: int) -> str:
    with many.town.store.read() as tx:
        return sendings.get(tx, sending_id).state


def states(many: Many) -> Counter[str]:
    return Counter(row.state for row in many.town.rows())


# --- out and back -----------------------------------------------------------------------------------------------------


def test_nothing_goes_for_two_minutes_then_all_of_it_once(many: Many) -> None:
    town, people = many.town, many.people(3)
    out = many.release(TO_ALL)
    assert (out.made, out.state, out.count) == (True, "queued", 3)
    town.later(seconds=119)
    assert (states(many), state_of(many, out.sending_id)) == ({"queued": 3}, "queued")
    town.later(seconds=1)
    town.later(seconds=1)
    assert (states(many), state_of(many, out.sending_id)) == ({"accepted": 3}, "done")
    assert [(row.participant_id, row.kind, row.priority, row.author) for row in town.rows()] == [
        (who, "invitation", 4, "staff") for who in people
    ]
    town.later(days=1)
    assert town.phone(address=many.address(people[0])).texts() == [f"Ingång: {WORDS}"]


def test_undone_within_two_minutes_nothing_goes(many: Many) -> None:
    many.people(3)
    out = many.release(TO_ALL)
    many.town.later(seconds=60)
    assert many.undo(out.sending_id) == Ended("taken_back", 3, 0)
    assert many.undo(out.sending_id) == Ended("taken_back", 0, 0)
    many.town.later(hours=1)
    assert (states(many), state_of(many, out.sending_id)) == ({"cancelled": 3}, "taken_back")
    again = many.release(TO_ALL)
    many.town.later(minutes=2)
    assert (again.made, states(many)) == (True, {"cancelled": 3, "accepted": 3})


def test_after_two_minutes_it_can_only_be_stopped(many: Many) -> None:
    channel = many.town.scripted(rates=Rates(per_second=1))
    many.people(3)
    out = many.release(TO_ALL)
    many.town.later(minutes=2)
    assert state_of(many, out.sending_id) == "going"
    with pytest.raises(CannotSend, match="Stoppa"):
        many.undo(out.sending_id)
    ended = many.stop(out.sending_id)
    assert ended == Ended("stopped", 3 - len(channel.taken), len(channel.taken))
    assert 0 < len(channel.taken) < 3
    many.town.lease += timedelta(minutes=1)
    many.town.later(minutes=1)
    assert (len(channel.taken), state_of(many, out.sending_id)) == (ended.gone, "stopped")
    assert many.stop(out.sending_id).kept_in == 0


def test_one_that_the_provider_put_off_does_not_go_after_a_stop(many: Many, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was on its way when somebody pressed, so it was not cancelled; then it came back, not taken."""
    town = many.town
    many.people(1)
    channel = town.scripted()
    channel.does(LATER)
    out = many.release(TO_ALL)

    def stopped_meanwhile(tx: Tx, *given: Any) -> int:
        ended = sending_many.stop(tx, out.sending_id, town.now, by=many.anna)
        assert ended == Ended("stopped", 0, 1)
        return settle(tx, *given)

    monkeypatch.setattr("scheduler.dispatcher.settle", stopped_meanwhile)
    town.now += timedelta(minutes=2)
    town.round()
    monkeypatch.undo()
    assert states(many) == {"queued": 1}
    town.later(hours=1)
    assert channel.taken == []
    assert [(row.state, row.outcome) for row in town.rows()] == [("cancelled", "Utskicket stoppades.")]


# --- seen by two ------------------------------------------------------------------------------------------------------


def test_above_a_number_another_of_staff_says_yes_first(many: Many) -> None:
    town = many.town
    many.people(3)
    with town.store.begin() as tx:
        units.set_settings(tx, many.unit.id, many={"second_above": 2})
        many.unit = units.get_unit(tx, many.unit.id)
    assert many.plan(TO_ALL).needs_two
    out = many.release(TO_ALL)
    assert (out.state, town.rows()) == ("waiting_second", [])
    town.later(hours=1)
    assert town.rows() == []
    with pytest.raises(CannotSend, match="kollega"):
        many.approve(out.sending_id, many.anna)
    assert many.approve(out.sending_id, many.erik).made
    assert not many.approve(out.sending_id, many.erik).made, "pressed twice"
    town.later(seconds=119)
    assert states(many) == {"queued": 3}
    town.later(seconds=2)
    assert states(many) == {"accepted": 3}


def test_fifty_need_no_second_and_one_that_waits_can_be_taken_back(many: Many) -> None:
    many.people(50)
    assert not many.plan(TO_ALL).needs_two
    many.person()
    out = many.release(TO_ALL)
    assert out.state == "waiting_second"
    assert many.undo(out.sending_id) == Ended("taken_back", 51, 0)
    assert not many.approve(out.sending_id, many.erik).made
    many.town.later(hours=1)
    assert many.town.rows() == []


# --- once -------------------------------------------------------------------------------------------------------------


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do these in a thread each, begun at the same moment; give what came of them."""
    came: list[Any] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def do(place: int) -> None:
        ready.wait()
        try:
            came[place] = acts[place]()
        except Exception as error:  # noqa: BLE001 - it is told
            came[place] = error

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_two_who_press_at_the_same_time_send_one(many: Many) -> None:
    many.people(5)
    found = at_once(
        lambda: many.release(TO_ALL, many.anna, "a"),
        lambda: many.release(TO_ALL, many.erik, "b"),
        lambda: many.release(TO_ALL, many.anna, "a"),
    )
    assert sorted(each.made for each in found) == [False, False, True]
    assert len({each.sending_id for each in found}) == 1
    many.town.later(minutes=2)
    assert states(many) == {"accepted": 5}
    first = (many.erik, "b") if found[1].made else (many.anna, "a")
    assert not many.release(TO_ALL, *first).made, "the same form, much later"


def test_an_undo_that_meets_the_dispatcher_leaves_each_either_sent_or_cancelled(
    many: Many, database_url: str, key_ring: KeyRing
) -> None:
    """Another machine's clock is two minutes ahead of the one where somebody presses undo."""
    town = many.town
    channel = town.scripted()
    many.people(40)
    out = many.release(TO_ALL)
    theirs = Store.open(database_url, key_ring)
    ahead = town.now + timedelta(minutes=2)
    dispatcher = Dispatcher(theirs, town.house, lambda: ahead, lambda: town.lease)
    _, ended = at_once(lambda: LOOP.run(dispatcher.drain()), lambda: many.undo(out.sending_id))
    theirs.close()
    assert isinstance(ended, Ended), ended
    town.send()
    took = len(channel.taken)
    assert states(many) == +Counter(accepted=took, cancelled=40 - took)
    assert (ended.gone, ended.kept_in) == (took, 40 - took)
    assert state_of(many, out.sending_id) == ("stopped" if took else "taken_back")


# --- answers go first -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("queued", [300])
def test_a_reply_overtakes_all_that_are_queued_to_many_and_to_oneself(many: Many, queued: int) -> None:
    """Who writes has one of them in the queue as well: it waits for the answer, and not the other way round."""
    town = many.town
    channel = town.scripted(rates=Rates(per_second=20))
    people = many.people(queued)
    out = many.release(TO_ALL)
    many.approve(out.sending_id, many.erik)
    town.now += timedelta(minutes=2, seconds=1)
    town.round()
    assert 0 < len(channel.taken) < 5
    last = town.phone(address=many.address(people[-1]))
    last.writes("hjälp", send=False)
    town.lease += timedelta(seconds=1)
    before = len(channel.taken)
    town.round()
    assert channel.taken[before].address == last.address
    assert channel.taken[before].text != f"Ingång: {WORDS}"


def test_who_begins_to_write_gets_it_when_the_talk_is_over(many: Many) -> None:
    town, (kim, sam) = many.town, many.people(2)
    many.release(TO_ALL)
    phone = town.phone(address=many.address(kim))
    with town.store.begin() as tx:
        participants.set_status(tx, kim, "new")
    phone.writes("hej")
    with town.store.read() as tx:
        talk = contacts.list_of(tx, kim)[0].talk
    assert talk is not None
    assert talk.state == "open"
    town.later(minutes=2)
    waiting = {row.participant_id: row.outcome for row in town.rows("queued")}
    assert waiting == {kim: "Personen är mitt i ett samtal."}
    town.later(minutes=30)
    assert WORDS in phone.texts()[-1]
    assert {row.participant_id for row in town.rows("accepted") if row.kind == "invitation"} == {sam, kim}


def test_what_changed_since_counts_when_it_goes(many: Many) -> None:
    town, (stopped, resting, protected, kim) = many.town, many.people(4)
    out = many.release(TO_ALL)
    town.phone(address=many.address(stopped)).writes("stopp")
    with town.store.begin() as tx:
        participants.set_resting(tx, resting, town.now)
        participants.set_protected(tx, protected)
    town.later(minutes=2)
    town.later(minutes=1)
    went = [row.participant_id for row in town.rows("accepted") if row.kind == "invitation"]
    assert (went, state_of(many, out.sending_id)) == ([kim], "done")


def test_at_night_it_waits_for_the_morning(many: Many) -> None:
    town = many.town
    town.now = town.now.replace(hour=21)
    many.people(2)
    out = many.release(TO_ALL)
    town.later(hours=1)
    assert (states(many), state_of(many, out.sending_id)) == ({"queued": 2}, "going")
    town.later(hours=10)
    assert states(many) == {"accepted": 2}


def test_what_was_too_late_is_told_in_numbers_and_not_in_the_inbox(many: Many) -> None:
    town = many.town
    many.people(2)
    out = many.release(TO_ALL)
    town.house = replace(town.house, channels={})
    town.restart()
    town.now += timedelta(days=8)
    town.house = build(town)
    town.restart()
    town.later(minutes=1)
    assert (states(many), state_of(many, out.sending_id)) == ({"expired": 2}, "done")
    assert many.items() == []


def build(town: Town) -> Any:
    with town.store.begin() as tx:
        return build_house(tx, Settings(), town.channels)


# --- very many --------------------------------------------------------------------------------------------------------


def test_very_many_are_queued_in_parts_and_a_stop_in_between_holds(many: Many, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.actions.sending_release.AT_A_TIME", 4)
    monkeypatch.setattr(sweeping, "PARTS", 2)
    many.people(20)
    out = many.release(TO_ALL)
    assert states(many) == {"queued": 4}
    sweeping.sweep(many.town.store, many.town.house, many.town.now)
    assert states(many) == {"queued": 12}
    assert many.stop(out.sending_id) == Ended("stopped", 20, 0)
    many.town.later(minutes=5)
    assert states(many) == {"cancelled": 12}
    again = many.release(TO_ALL)
    many.town.later(seconds=1)
    many.town.later(seconds=1)
    many.town.later(minutes=2)
    many.town.later(seconds=1)
    assert (states(many)["accepted"], state_of(many, again.sending_id)) == (20, "done")


def test_a_copied_database_shows_no_word_of_it(many: Many) -> None:
    many.people(2)
    out = many.release(replace(TO_ALL, languages=("sv",)))
    with many.town.store.read() as tx:
        row = tx.execute(table.select().where(table.c.id == out.sending_id)).one()
        kept = sendings.get(tx, out.sending_id)
    assert WORDS.encode() not in bytes(row.text_enc)
    assert b"languages" not in bytes(row.choice_enc)
    assert kept.text == WORDS
    assert all(each.facts_enc is None and each.body_enc is None for each in many.town.rows())
