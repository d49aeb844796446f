"""Invitations in waves: twice the places at most, the next when answers are in or time ran out, as many as are left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.actions import sending_many
from bot.actions.sending_many import CannotSend, Choice
from storage import activities, contacts, invitations, places, sendings, units
from storage.activities import Activity
from storage.db import Store
from tests.many_town import DAY, Many
from tests.scheduler.test_sending_many import at_once, state_of, states
from tests.town import Town


@pytest.fixture
def many(store: Store) -> Many:
    """The sweep asks nothing here: each test does, so that it sees each wave."""
    return Many(Town(store))


def asked(many: Many, activity: Activity) -> dict[int, invitations.Invitation]:
    with many.town.store.read() as tx:
        return {each.participant_id: each for each in invitations.of_activity(tx, activity.id)}


def answers(many: Many, activity: Activity, person: int, state: str) -> None:
    """As the talk does it: a yes takes a place, or stands in the line."""
    mine = asked(many, activity)[person]
    with many.town.store.begin() as tx:
        takes = state == "yes" and places.take(tx, activity.id, mine.id, activity.places) is None
        waits = {"waiting_since": many.town.now} if takes else {}
        invitations.change(tx, mine.id, state=state, answered_at=many.town.now, **waits)


def test_the_first_wave_is_twice_the_places_and_reads_as_it_was_shown(many: Many) -> None:
    people = many.people(9)
    cooking = many.activity(places=3)
    plan = many.plan(Choice(activity_id=cooking.id))
    assert (many.now(plan), len(plan.people.later)) == (people[:6], 3)
    out = many.release(Choice(activity_id=cooking.id))
    assert (out.count, list(asked(many, cooking))) == (6, people[:6])
    many.town.now += timedelta(minutes=2)
    many.town.send()
    phone = many.town.phone(address=many.address(people[0]))
    assert phone.texts() == [plan.previews[0].text]
    assert "lagar vi mat" in phone.texts()[0]
    assert "1 ja" in phone.texts()[0]


def test_a_button_carries_the_invitation_and_the_activitys_version(many: Many) -> None:
    kim = many.person("sim_telegram")
    cooking = many.activity()
    many.release(Choice(activity_id=cooking.id))
    many.town.now += timedelta(minutes=2)
    with many.town.store.begin() as tx:
        activities.change(tx, many.town.now, cooking.id, title="bakar vi")
    many.town.send()
    (line,) = many.town.phone("sim_telegram", "10000000")._messages()
    assert "bakar vi" in line.text, "as it stands when it goes"
    mine = asked(many, cooking)[kim]
    assert [value for _, value in line.buttons] == [
        f"g:{mine.id}:2:{option}" for option in ("yes", "maybe", "hard", "no")
    ]


def test_the_next_wave_waits_for_answers_and_fills_the_places_that_are_left(many: Many) -> None:
    town, people = many.town, many.people(12)
    cooking = many.activity(places=3)
    many.release(Choice(activity_id=cooking.id))
    assert many.next_wave(cooking).why_sv == "Ett utskick är på väg."
    town.later(minutes=2)
    told = many.next_wave(cooking)
    assert told.sending_id is None
    assert told.why_sv.startswith("Vi väntar på 6 svar")
    answers(many, cooking, people[0], "yes")
    for who in people[1:6]:
        answers(many, cooking, who, "no")
    told = many.next_wave(cooking)
    assert told.sending_id is not None
    assert list(asked(many, cooking)) == people[:10], "two places are left, so four more"
    with town.store.read() as tx:
        second = sendings.get(tx, told.sending_id)
    assert (second.wave, second.made_by, second.count, second.release_at) == (2, None, 4, town.now + sending_many.UNDO)
    assert many.next_wave(cooking).sending_id is None, "asked again, it is on its way"
    town.later(minutes=2)
    town.now += timedelta(hours=24)
    assert many.next_wave(cooking).sending_id is not None, "nobody answered, and time ran out"
    assert len(asked(many, cooking)) == 12, "never more than are left"
    town.later(minutes=2)
    town.now += timedelta(hours=24)
    assert many.next_wave(cooking).why_sv == "Alla som valdes är tillfrågade."


def test_nobody_more_is_asked_when_it_is_full_or_somebody_waits_or_it_was_stopped(many: Many) -> None:
    town, people = many.town, many.people(8)
    cooking = many.activity(places=1)
    assert many.next_wave(cooking).sending_id is None, "staff have chosen nobody yet"
    out = many.release(Choice(activity_id=cooking.id))
    town.later(minutes=2)
    answers(many, cooking, people[0], "yes")
    answers(many, cooking, people[1], "yes")
    assert "tagna" in many.next_wave(cooking).why_sv
    with pytest.raises(CannotSend, match="tagna"):
        many.release(Choice(activity_id=cooking.id))
    with town.store.begin() as tx:
        places.free_all(tx, cooking.id)
    assert "väntar redan" in many.next_wave(cooking).why_sv
    other = many.activity(places=1)
    out = many.release(Choice(activity_id=other.id))
    many.stop(out.sending_id)
    assert "stoppades" in many.next_wave(other).why_sv
    assert many.release(Choice(activity_id=other.id)).made, "but staff may"


def test_who_was_invited_by_one_that_was_undone_is_asked_again(many: Many) -> None:
    town, people = many.town, many.people(4)
    cooking = many.activity(places=2)
    out = many.release(Choice(activity_id=cooking.id))
    assert set(asked(many, cooking)) == set(people)
    many.undo(out.sending_id)
    assert asked(many, cooking) == {}
    assert many.now(many.plan(Choice(activity_id=cooking.id))) == people, "nor were they invited this week"
    again = many.release(Choice(activity_id=cooking.id))
    town.later(minutes=2)
    town.later(seconds=1)
    assert (states(many)["accepted"], state_of(many, again.sending_id)) == (4, "done")
    with town.store.read() as tx:
        assert [each.wave for each in sendings.list_of_activity(tx, cooking.id)] == [1, 1]


def test_whom_it_could_not_reach_is_not_waited_for(many: Many) -> None:
    town, people = many.town, many.people(5)
    cooking = many.activity(places=2)
    many.release(Choice(activity_id=cooking.id))
    with town.store.begin() as tx:
        for who in people[:4]:
            contacts.opt_out(tx, contacts.list_of(tx, who)[0].contact_id, town.now)
    town.later(minutes=2)
    town.later(seconds=1)
    town.later(hours=1)
    assert set(asked(many, cooking)) == {people[4]}, "the sweep of activities has asked the next one"


def test_the_sweep_asks_by_itself_until_the_last_day(many: Many) -> None:
    town, people = many.town, many.people(9)
    cooking = many.activity(places=2)
    many.release(Choice(activity_id=cooking.id))
    for _ in range(25):
        town.later(hours=1)
    assert list(asked(many, cooking)) == people[:8]
    with town.store.read() as tx:
        assert [each.made_by for each in sendings.list_of_activity(tx, cooking.id)] == [many.anna, None]
    town.now = cooking.last_answer - timedelta(hours=2)
    for _ in range(4):
        town.later(hours=1)
    assert len(asked(many, cooking)) == 8, "too late for anybody new to answer"


def test_one_that_could_not_go_out_in_time_is_refused_and_leaves_nothing(many: Many) -> None:
    town, now = many.town, many.town.now.replace(hour=20)
    town.now = now
    many.people(2)
    soon = many.activity(
        starts=now + timedelta(hours=11), ends=now + timedelta(hours=12), last_answer=now + timedelta(hours=8)
    )
    with pytest.raises(CannotSend, match="dagtid"):
        many.release(Choice(activity_id=soon.id))
    with town.store.begin() as tx:
        unit = units.get_unit(tx, many.unit.id)
        with pytest.raises(CannotSend):
            sending_many.release(tx, town.house, unit, Choice(activity_id=soon.id), now, by=many.anna, nonce="x")
    with town.store.read() as tx:
        assert sendings.list_of_activity(tx, soon.id) == [], "also where the caller goes on in the same transaction"


def test_an_activity_that_is_called_off_takes_its_invitations_with_it(many: Many) -> None:
    town = many.town
    many.people(3)
    cooking = many.activity()
    many.release(Choice(activity_id=cooking.id))
    with town.store.begin() as tx:
        activities.cancel(tx, town.now, cooking.id)
    town.later(minutes=3)
    assert states(many) == {"cancelled": 3}
    with pytest.raises(CannotSend, match="inställd"):
        many.plan(Choice(activity_id=cooking.id))


def test_a_second_pair_of_eyes_is_for_invitations_too_and_invites_nobody_before(many: Many) -> None:
    town = many.town
    many.people(4)
    with town.store.begin() as tx:
        units.set_settings(tx, many.unit.id, many={"second_above": 3})
    cooking = many.activity(places=2)
    out = many.release(Choice(activity_id=cooking.id))
    assert (out.state, asked(many, cooking)) == ("waiting_second", {})
    assert not many.release(Choice(activity_id=cooking.id), many.erik).made, "it waits already"
    assert many.approve(out.sending_id, many.erik).made
    assert len(asked(many, cooking)) == 4
    town.later(minutes=2)
    with town.store.begin() as tx:
        activities.change(tx, town.now, cooking.id, places=4)
    town.now += DAY
    late = many.activity(places=2)
    waits = many.release(Choice(activity_id=late.id)) if many.people(4) else None
    assert waits is not None
    with town.store.begin() as tx:
        activities.cancel(tx, town.now, late.id)
    with pytest.raises(CannotSend, match="inställd"):
        many.approve(waits.sending_id, many.erik)


def test_waves_and_staff_who_press_at_the_same_time_ask_each_once(many: Many) -> None:
    town, people = many.town, many.people(8)
    cooking = many.activity(places=2)
    choice = Choice(activity_id=cooking.id)
    found = at_once(
        lambda: many.release(choice, many.anna),
        lambda: many.release(choice, many.erik),
        lambda: many.next_wave(cooking),
    )
    assert sorted(each.made for each in found[:2]) == [False, True]
    assert set(asked(many, cooking)) == set(people[:4])
    town.later(minutes=2)
    town.now += DAY
    at_once(lambda: many.next_wave(cooking), lambda: many.next_wave(cooking))
    town.later(minutes=2)
    assert len(asked(many, cooking)) == 8
    assert states(many) == {"accepted": 8}
