"""Activities, invitations, places, releases and attendance: what the database itself keeps from going wrong."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from storage import (
    activities,
    apart,
    attendance,
    contacts,
    invitations,
    joining,
    outbox,
    participants,
    places,
    sendings,
    staff,
    units,
)
from storage.activities import NewActivity
from storage.db import Store, Tx
from storage.errors import NotFound
from storage.outbox import Body, NewMessage
from storage.sendings import NewSending
from storage.units import UnitSeed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Town:
    store: Store
    now: datetime
    unit: int
    anna: int
    cooking: int

    def person(self, number: int) -> tuple[int, int]:
        with self.store.begin() as tx:
            who = contacts.create(tx, self.now, "sms", f"+4670174{number:04}", unit_id=self.unit)
            return who.participant_id, who.contact_id

    def invited(self, tx: Tx, *people: int) -> dict[int, int]:
        return invitations.add_many(tx, self.now, self.cooking, 1, None, people)


@pytest.fixture
def town(store: Store, now: datetime) -> Town:
    with store.begin() as tx:
        units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {})], now)
        unit = units.get_unit(tx, "alvsbyn").id
        anna = staff.add(tx, now, "Anna", [unit])
        new = NewActivity(unit, "lagar vi mat", now + 7 * DAY, now + 7 * DAY + 2 * HOUR, now + 5 * DAY, places=3)
        cooking = activities.add(tx, now, new)
    return Town(store, now, unit, anna, cooking)


def test_an_activity_is_changed_and_called_off_once(town: Town) -> None:
    with town.store.begin() as tx:
        first = activities.get(tx, town.cooking)
        assert (first.minutes, first.version, first.state, first.look_at) == (120, 1, "planned", town.now)
        assert first.code.isdigit()
        assert activities.change(tx, town.now, town.cooking, where="Folkets hus") == 2
        assert activities.take_due(tx, town.now, 5) == [activities.get(tx, town.cooking)]
        activities.look_next(tx, town.cooking, None)
        assert not activities.any_due(tx, town.now + 9 * DAY)
        assert activities.get(tx, town.cooking).where == "Folkets hus"
        assert activities.cancel(tx, town.now, town.cooking)
        assert not activities.cancel(tx, town.now, town.cooking)
        assert [each.id for each in activities.list_between(tx, [town.unit], first.starts, first.ends)] == [first.id]
        with pytest.raises(NotFound):
            activities.get(tx, 17)


def test_a_series_has_its_occasions(town: Town) -> None:
    with town.store.begin() as tx:
        series = activities.add_series(tx, town.now, town.unit, "mat", "FREQ=WEEKLY;COUNT=2", town.now)
        for week in (2, 1):
            starts = town.now + 7 * week * DAY
            activities.add(tx, town.now, NewActivity(town.unit, "mat", starts, starts, starts, series_id=series))
        assert [each.starts for each in activities.list_of_series(tx, [series])] == [
            town.now + 7 * DAY, town.now + 14 * DAY,
        ]  # fmt: skip


def test_nobody_is_invited_twice_and_the_newest_open_one_comes_first(town: Town) -> None:
    (kim, _), (sam, _) = town.person(1), town.person(2)
    with town.store.begin() as tx:
        asked = town.invited(tx, kim, sam, kim)
        assert set(asked) == {kim, sam}
        assert town.invited(tx, kim) == {}
        invitations.change(tx, asked[kim], state="yes", turned_away=True)
        assert invitations.turned_away(tx, [kim, sam]) == {kim}
        assert invitations.last_invited(tx, [kim]) == {kim: town.now}
        assert [each.id for each in invitations.open_for(tx, kim, town.now)] == [asked[kim]]
        assert invitations.open_for(tx, kim, town.now + 8 * DAY) == []
        assert invitations.withdraw(tx, town.now, town.cooking, but=[asked[sam]]) == 1
        assert invitations.open_for(tx, kim, town.now) == []


def test_places_run_out_and_come_back(town: Town) -> None:
    people = [town.person(number)[0] for number in range(4)]
    with town.store.begin() as tx:
        asked = town.invited(tx, *people)
        got = [places.take(tx, town.cooking, asked[who], 3) for who in people]
        assert got == [1, 2, 3, None]
        assert places.take(tx, town.cooking, asked[people[1]], 3) == 2, "the one they have"
        assert (places.count(tx, town.cooking), places.highest(tx, town.cooking)) == (3, 3)
        assert places.free(tx, asked[people[0]]) == 1
        assert places.free(tx, asked[people[0]]) is None
        assert places.take(tx, town.cooking, asked[people[3]], 3) == 1
        found = invitations.find_for(tx, town.cooking, people[3])
        assert found is not None
        assert found.place == 1
        assert places.free_all(tx, town.cooking) == 3


def test_fifty_who_take_at_once_get_seven_places(store: Store, town: Town) -> None:
    people = [town.person(number)[0] for number in range(50)]
    with store.begin() as tx:
        asked = town.invited(tx, *people)
    got: list[int | None] = []

    def take(who: int) -> None:
        with store.begin() as tx:
            number = places.take(tx, town.cooking, asked[who], 7)
        got.append(number)

    threads = [threading.Thread(target=take, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number in got if number is not None) == [1, 2, 3, 4, 5, 6, 7]
    assert len(got) == 50


def test_two_who_turn_out_to_be_one_have_one_invitation_and_one_place(town: Town) -> None:
    (kim, _), (twin, way) = town.person(1), town.person(2)
    with town.store.begin() as tx:
        asked = town.invited(tx, kim, twin)
        for row in asked.values():
            places.take(tx, town.cooking, row, 3)
        apart.add(tx, town.now, kim, twin, town.anna)
        release = NewSending(town.unit, "broadcast", 1, town.anna, town.now, text="Hej")
        sendings.add(tx, town.now, release, {twin: way})
    with town.store.begin() as tx:
        joined = joining.join(tx, town.now, kim, twin)
        assert [each.participant_id for each in invitations.of_activity(tx, town.cooking)] == [joined.participant_id]
        assert places.count(tx, town.cooking) == 1
        assert apart.of(tx, [joined.participant_id]) == {}
    with town.store.begin() as tx:
        assert participants.erase(tx, joined.participant_id, town.now)
        assert (invitations.of_activity(tx, town.cooking), places.count(tx, town.cooking)) == ([], 0)


def test_two_are_kept_apart_both_ways(town: Town) -> None:
    (kim, _), (sam, _) = town.person(1), town.person(2)
    with town.store.begin() as tx:
        for _ in range(2):
            apart.add(tx, town.now, kim, sam, town.anna)
        assert apart.of(tx, [kim, sam]) == {kim: {sam}, sam: {kim}}
        assert apart.remove(tx, sam, kim)
        assert not apart.remove(tx, sam, kim)
        with pytest.raises(ValueError, match="themselves"):
            apart.add(tx, town.now, kim, kim, None)


def test_a_release_takes_back_what_is_still_queued(town: Town) -> None:
    (kim, way), (sam, other) = town.person(1), town.person(2)
    with town.store.begin() as tx:
        new = NewSending(town.unit, "broadcast", 2, town.anna, None, text="Vi har stängt på fredag.")
        release = sendings.add(tx, town.now, new, {kim: way, sam: other})
        kept = sendings.find(tx, release)
        assert kept is not None
        assert (kept.state, kept.text) == ("waiting_second", "Vi har stängt på fredag.")
        assert sendings.people_of(tx, release) == {kim: way, sam: other}
        assert sendings.set_state(tx, release, "queued", ["waiting_second"], release_at=town.now)
        assert not sendings.set_state(tx, release, "queued", ["waiting_second"])
        for who, contact in ((kim, way), (sam, other)):
            message = NewMessage(
                contact, who, "sms", "invitation", sendings.key_of(release, who), "utskick", Body("Hej")
            )
            outbox.queue(tx, tx.vault.key_for(tx, who), town.now, [message])
        assert sendings.states(tx, release) == {"queued": 2}
        assert sendings.cancel_queued(tx, town.now, release + 1, "ångrat") == 0
        assert sendings.cancel_queued(tx, town.now, release, "ångrat") == 2
        assert sendings.states(tx, release) == {"cancelled": 2}
        assert [each.id for each in sendings.list_latest(tx, [town.unit])] == [release]


def test_attendance_keeps_every_correction(town: Town) -> None:
    kim, _ = town.person(1)

    def note(tx: Tx, after: int | None = None, *, present: bool, quarters: int = 8) -> bool:
        return attendance.note(
            tx, town.now, town.cooking, kim, present=present, quarters=quarters, how="staff", by=town.anna, after=after
        )

    with town.store.begin() as tx:
        assert note(tx, present=True)
        assert not note(tx, present=True), "says the same"
        assert note(tx, 1, present=True, quarters=6)
        assert not note(tx, 1, present=False, quarters=0), "another was first"
        assert note(tx, 2, present=False)
        (counts,) = attendance.of_activities(tx, [town.cooking])
        assert (counts.number, counts.present, counts.quarters) == (3, False, 0)
        assert [each.quarters for each in attendance.all_of_activities(tx, [town.cooking])] == [8, 6, 0]
        assert attendance.lock(tx, town.now, town.unit, "2026-11", town.anna, "Anna A") == 1
        assert attendance.lock(tx, town.now, town.unit, "2026-11", town.anna, "Anna A") == 2
        assert [each.number for each in attendance.locks(tx, town.unit, "2026-11")] == [1, 2]
        assert attendance.locks(tx, town.unit, "2026-12") == []
