"""A turn is taken once, whole, in order, whatever comes twice, at once, or raises."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import conversation
from bot.channels.base import Inbound
from flows.asks import YesNo
from flows.commands import RegisterReferral
from flows.steps import Ask, Do, Say, Talk
from storage import referrals
from storage.db import Store
from storage.tables import conversations, inbound, outbox
from tests.town import Phone, Town


def _came_in(town: Town) -> list[Any]:
    with town.store.read() as tx:
        return list(tx.execute(select(inbound).order_by(inbound.c.id)))


def _bodies(town: Town, phone: Phone) -> list[str]:
    key = phone.standing().key
    return [key.open("inbound", "body_enc", row.id, row.body_enc) for row in _came_in(town)]


def _breaks(town: Town, times: int = 99, only: Callable[[], bool] = lambda: True) -> None:
    """Let the sign-up do half its work, and then raise, the first so many times."""
    left = [times]

    def flow(person: Any) -> Talk:
        yield Say("welcome")
        yield Do(RegisterReferral("self", True, {"name": "Kim"}, {}))
        if left[0] > 0 and only():
            left[0] -= 1
            raise RuntimeError("the flow is broken")
        yield Ask("may_ask", YesNo())
        return "referred"

    town.with_flows(self_referral=flow)


# --- once -----------------------------------------------------------------------------------------------------------


def test_the_same_message_five_times_is_one(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    answers = [phone.writes("hej", provider_id="SM1") for _ in range(5)]
    assert [len(answer) for answer in answers] == [2, 0, 0, 0, 0]
    assert len(_came_in(town)) == 1
    assert len(town.rows()) == 2


def test_a_repeated_answer_does_not_answer_twice(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej")
    phone.writes("ja", provider_id="SM2")
    for _ in range(4):
        assert phone.writes("ja", provider_id="SM2") == []
        assert phone.report.state == "duplicate"
    assert phone.standing().talk.question == "name"  # type: ignore[union-attr]


@pytest.mark.parametrize("known", [False, True], ids=["a new person", "a known person"])
def test_the_same_message_at_once_is_one(store: Store, known: bool) -> None:
    town = Town(store)
    phone = town.phone()
    if known:
        phone.writes("hej")
    before = len(town.rows())
    text = "ja" if known else "hej"
    message = Inbound("sim_sms", phone.address, "SM7", text)
    with ThreadPoolExecutor(5) as pool:
        reports = list(pool.map(lambda _: conversation.take_turn(store, town.house, message, town.now), range(5)))
    assert sorted(report.state for report in reports) == ["duplicate"] * 4 + ["handled"]
    town.send()
    assert len(_came_in(town)) == (2 if known else 1)
    assert len(town.rows()) - before == (1 if known else 2)
    with store.read() as tx:
        assert len(tx.execute(select(conversations)).all()) == 1


def test_two_messages_at_once_are_both_kept(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    for word in ("hej", "ja", "kim", "03", "1", "hoppa över", "hoppa över", "hoppa över"):
        phone.writes(word)
    lines = [f"rad nummer {number}" for number in range(8)]

    def take(line: str) -> conversation.Report:
        message = Inbound("sim_sms", phone.address, f"at once {line}", line)
        return conversation.take_turn(store, town.house, message, town.now)

    with ThreadPoolExecutor(5) as pool:
        reports = list(pool.map(take, lines))
    assert {report.state for report in reports} == {"handled"}
    assert sorted(_bodies(town, phone)[8:]) == lines
    talk = phone.standing().talk
    assert talk is not None
    raw = "\n".join(entry.get("raw", "") for entry in talk.journal)
    assert all(line in raw for line in lines), "a turn wrote over another's journal"


# --- a turn that raises ---------------------------------------------------------------------------------------------


def test_a_turn_that_raises_leaves_nothing_half_done(store: Store) -> None:
    town = Town(store)
    _breaks(town)
    phone = town.phone()
    assert phone.writes("hej hej") == []
    assert (phone.report.state, phone.report.happened) == ("failed", [])
    assert town.rows() == []
    assert town.inbox() == []
    with store.read() as tx:
        assert referrals.list_all(tx) == []
        assert tx.execute(select(conversations)).all() == []
    assert _bodies(town, phone) == ["hej hej"]
    assert phone.standing().status == "new"


def test_a_turn_that_raised_is_tried_again(store: Store) -> None:
    town = Town(store)
    _breaks(town, times=1)
    phone = town.phone()
    phone.writes("hej")
    assert town.later(seconds=29) == []
    (report,) = town.later(seconds=2)
    assert report.state == "handled"
    assert len(phone.new()) == 2
    assert phone.standing().waiting_inbound == 0
    assert town.later(hours=1) == []


def test_later_messages_wait_in_their_order(store: Store) -> None:
    town = Town(store)
    _breaks(town, times=1)
    phone = town.phone()
    phone.writes("hej")
    for word in ("ett", "två", "tre"):
        assert phone.writes(word) == []
        assert phone.report.state == "waiting"
    taken = [report.inbound_id for seconds in (31, 5, 5, 5, 5) for report in town.later(seconds=seconds)]
    assert taken == [row.id for row in _came_in(town)]
    assert {row.state for row in _came_in(town)} == {"handled"}
    assert phone.standing().waiting_inbound == 0
    phone.writes("nu då")
    assert phone.report.state == "handled"


def test_a_message_that_waited_and_then_raised_counts_once(store: Store) -> None:
    town = Town(store)
    broken = [True]
    _breaks(town, only=lambda: broken[0])
    phone = town.phone()
    phone.writes("hej")
    phone.writes("hallå")
    states = []
    for broken[0] in (False, True, False):
        town.now += timedelta(seconds=100)
        states += [report.state for report in conversation.take_waiting(store, town.house, town.now)]
    assert states == ["handled", "failed", "handled"]
    assert phone.standing().waiting_inbound == 0


@pytest.mark.parametrize(
    ("text", "meaning", "said"), [("STOPP", "stop", "slutar skriva"), ("jag vill inte leva längre", "distress", "112")]
)
def test_stop_and_distress_never_wait(store: Store, text: str, meaning: str, said: str) -> None:
    town = Town(store)
    _breaks(town)
    phone = town.phone()
    phone.writes("hej")
    assert phone.writes("hallå") == []
    answer = phone.writes(text)
    assert phone.report.meaning == meaning
    assert said in answer[0]


def test_after_three_tries_a_human_gets_it(store: Store) -> None:
    town = Town(store)
    _breaks(town)
    phone = town.phone()
    phone.writes("det här går fel")
    states = [report.state for _ in range(4) for report in town.later(minutes=10)]
    assert states == ["failed", "given_up"]
    (item,) = town.inbox("message")
    assert item.note == "det här går fel"
    town.with_flows(self_referral=Town(store).house.flows["for_someone_else"])
    assert phone.standing().waiting_inbound == 0


def test_the_rest_go_on_when_one_is_given_up(store: Store) -> None:
    town = Town(store)
    real = town.house.flows["self_referral"]
    _breaks(town)
    phone = town.phone()
    phone.writes("ett")
    phone.writes("hej")
    town.later(minutes=10)
    town.later(minutes=10)
    assert [row.state for row in _came_in(town)] == ["given_up", "waiting"]
    town.with_flows(self_referral=real)
    town.later(seconds=5)
    assert [row.state for row in _came_in(town)] == ["given_up", "handled"]
    assert "Ingång" in phone.new()[0]
    assert phone.standing().waiting_inbound == 0


def test_another_person_never_waits_for_a_broken_turn(store: Store) -> None:
    town = Town(store)
    real = town.house.flows["self_referral"]
    _breaks(town)
    town.phone().writes("hej")
    town.with_flows(self_referral=real)
    other = town.phone(address="+46701740606")
    assert len(other.writes("hej")) == 2


def test_two_sweeps_at_once_take_a_message_once(store: Store) -> None:
    town = Town(store)
    _breaks(town, times=1)
    phone = town.phone()
    phone.writes("hej")
    phone.writes("ja")
    town.now += timedelta(seconds=40)
    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: conversation.take_waiting(store, town.house, town.now), range(4)))
    assert phone.standing().waiting_inbound == 0
    with store.read() as tx:
        assert len(tx.execute(select(conversations)).all()) == 1
        keys = [row.dedupe_key for row in tx.execute(select(outbox))]
    assert len(keys) == len(set(keys))
    assert [row.attempts for row in _came_in(town)] == [1, 0]
