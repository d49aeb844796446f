import threading
from datetime import timedelta

import pytest

from staff import inbox_deeds, person_page
from staff.inbox_board import Entry, find, look
from staff.inbox_deeds import WasFirst, nap_until
from staff.people import Actor, DeskFault, NotTheirs, find_actor
from storage import alarms, inbox, participants, referrals
from tests.staff.conftest import Office


def acting(office: Office, name: str = "Anna") -> Actor:
    with office.store.read() as tx:
        return find_actor(tx, "drift", name)


def entries(office: Office, name: str = "Anna", view: str = "alla") -> tuple[Entry, ...]:
    return look(office.store, office.now, acting(office, name), view=view).entries


def test_who_comes_second_is_told_who_and_when(office_on_both: Office) -> None:
    office = office_on_both
    item = office.item(office.person(name="Kim"))
    inbox_deeds.take(office.store, office.now, acting(office, "Erik"), item)
    office.now += timedelta(minutes=12)
    with pytest.raises(WasFirst, match=r"^Erik tog det 10\.00 "):
        inbox_deeds.take(office.store, office.now, acting(office), item)
    inbox_deeds.take(office.store, office.now, acting(office, "Erik"), item)  # his own: nothing new
    (entry,) = entries(office)
    assert (entry.taken_by, entry.mine) == ("Erik", False)
    assert entries(office, "Erik", "mina") == entries(office, "Erik")


def test_taking_one_takes_all_of_the_person_and_stops_alarms(office: Office) -> None:
    kim, anna = office.person(name="Kim"), acting(office)
    office.item(kim, "referral")
    alarm = office.item(kim, "distress")
    with office.store.begin() as tx:
        alarms.plan(tx, office.now, alarm, [(1, office.now, anna.staff_id or 0)])
    inbox_deeds.take(office.store, office.now, anna, alarm)
    with office.store.read() as tx:
        assert alarms.list_due(tx, office.now) == []
        assert {item.taken_by for item in inbox.list_open(tx)} == {anna.staff_id}


def test_a_colleague_gets_what_is_handed_over(office: Office) -> None:
    item = office.item(office.person(name="Kim"))
    anna, erik = acting(office), acting(office, "Erik")
    assert inbox_deeds.hand(office.store, office.now, anna, item, erik.staff_id or 0, "n1") == "Erik"
    inbox_deeds.hand(office.store, office.now, anna, item, erik.staff_id or 0, "n1")  # a double click
    (entry,) = entries(office, "Erik", "mina")
    assert (entry.handed_by, entry.mine) == ("Anna", True)
    with pytest.raises(DeskFault, match="Erik har redan"):
        inbox_deeds.hand(office.store, office.now, anna, item, erik.staff_id or 0, "n2")
    for wrong in (acting(office, "Sara").staff_id or 0, anna.staff_id or 0, 17):
        with pytest.raises(DeskFault, match="välj en kollega"):
            inbox_deeds.hand(office.store, office.now, anna, item, wrong)
    inbox_deeds.let_go(office.store, office.now, erik, item)
    assert entries(office, "Erik")[0].taken_by == ""


def test_alarms_may_not_sleep_past_the_promise(office: Office) -> None:
    item = office.item(office.person(name="Kim"), "distress")
    anna, tomorrow_evening = acting(office), office.now + timedelta(hours=30)
    with pytest.raises(DeskFault, match=r"längst till i morgon kl\. 16"):
        inbox_deeds.snooze(office.store, office.now, anna, item, tomorrow_evening + timedelta(hours=1))
    inbox_deeds.snooze(office.store, office.now, anna, item, tomorrow_evening)
    office.now += timedelta(days=3)
    with pytest.raises(DeskFault, match="får inte vila"):
        inbox_deeds.snooze(office.store, office.now, anna, item, office.now + timedelta(hours=1))


@pytest.mark.parametrize(("ahead", "told"), [(timedelta(0), "redan varit"), (timedelta(days=61), "högst 60 dagar")])
def test_a_sleep_has_its_limits(office: Office, ahead: timedelta, told: str) -> None:
    item = office.item(office.person(name="Kim"))
    with pytest.raises(DeskFault, match=told):
        inbox_deeds.snooze(office.store, office.now, acting(office), item, office.now + ahead)


def test_a_nap_ends_when_somebody_is_there(office: Office) -> None:
    with office.store.read() as tx:
        unit = office.unit("alvsbyn")
        friday = office.now + timedelta(days=4)
        assert nap_until(tx, unit, "nasta_dag", friday) == friday + timedelta(days=3, hours=-2)
        assert nap_until(tx, unit, "en_timme", friday) == friday + timedelta(hours=1)
        assert nap_until(tx, None, "tre_dagar", office.now) == office.now + timedelta(days=3, hours=-2)
        assert nap_until(tx, unit, "alltid", friday) is None


def test_closing_says_how_and_ends_what_waited(office: Office) -> None:
    kim = office.person(name="Kim")
    office.referral(kim)
    one, other = office.item(kim, "referral"), office.item(kim, "callback")
    inbox_deeds.close(office.store, office.now, acting(office), other, [other], "called", nonce="n")
    inbox_deeds.close(office.store, office.now, acting(office), other, [other], "called", nonce="n")
    (entry,) = entries(office)
    assert [part.id for part in entry.parts] == [one]
    with office.store.read() as tx:
        found = referrals.open_for(tx, kim)
        assert found is not None
        assert found.answered_at == office.now
    with pytest.raises(WasFirst, match=r"Anna stängde det 10\.00 \(ringt\)"):
        inbox_deeds.close(office.store, office.now, acting(office, "Erik"), other, [other], "done")
    with pytest.raises(DeskFault, match="välj vad som är klart"):
        inbox_deeds.close(office.store, office.now, acting(office), one, [other], "done")
    with pytest.raises(DeskFault, match="välj hur det blev"):
        inbox_deeds.close(office.store, office.now, acting(office), one, [one], "skräp")


def test_the_reporting_duty_is_weighed_first(office: Office) -> None:
    item = office.item(office.person(name="Kim", birth_year=2010), "distress")
    with pytest.raises(DeskFault, match="kan vara under 18"):
        inbox_deeds.close(office.store, office.now, acting(office), item, [item], "called")
    inbox_deeds.close(office.store, office.now, acting(office), item, [item], "called", "made")
    assert ("report.decided", f"inbox:{item}", "made") in office.log()


def test_another_unit_can_do_nothing(office: Office) -> None:
    item = office.item(office.person(name="Kim"))
    sara = acting(office, "Sara")
    with pytest.raises(NotTheirs):
        inbox_deeds.take(office.store, office.now, sara, item)
    with pytest.raises(NotTheirs):
        inbox_deeds.close(office.store, office.now, sara, item, [item], "done")
    assert ("inbox.take", f"inbox:{item}", "refused: other unit") in office.log()


@pytest.mark.parametrize("both", [("Anna", "Erik")])
def test_of_two_at_the_same_moment_one_has_it(office_on_both: Office, both: tuple[str, str]) -> None:
    office = office_on_both
    for _ in range(8):
        item = office.item(office.person(name="Kim"))
        told: list[object] = []
        ready = threading.Barrier(2)

        def take(name: str, which: int = item, told: list[object] = told, ready: threading.Barrier = ready) -> None:
            who = acting(office, name)
            ready.wait()
            try:
                inbox_deeds.take(office.store, office.now, who, which)
            except WasFirst as fault:
                told.append(fault)
            else:
                told.append(name)

        threads = [threading.Thread(target=take, args=(name,)) for name in both]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)
        winners = [one for one in told if isinstance(one, str)]
        assert len(winners) == 1
        assert len(told) == 2
        with office.store.read() as tx:
            assert inbox.get_item(tx, item).taken_by == acting(office, winners[0]).staff_id


def test_what_a_person_keeps_from_a_colleague_is_not_that_colleagues_to_see(office_on_both: Office) -> None:
    office = office_on_both
    kim, anna, erik = office.person(name="Kim"), acting(office), acting(office, "Erik")
    with office.store.begin() as tx:
        unit = participants.get(tx, kim).unit_id
        hidden, _ = inbox.open_item(
            tx, office.now, "rating", 8, unit, kim, None, "Hen lyssnar inte.", None, hidden_from=erik.staff_id
        )
    assert [entry.id for entry in entries(office)] == [hidden]
    assert entries(office, "Erik") == ()
    for act in (inbox_deeds.take, inbox_deeds.wake):
        with pytest.raises(NotTheirs):
            act(office.store, office.now, erik, hidden)
    with pytest.raises(NotTheirs):
        find(office.store, office.now, erik, hidden)
    assert person_page.show(office.store, office.now, erik, kim).items == ()
    with pytest.raises(DeskFault, match="någon annan läser"):
        inbox_deeds.hand(office.store, office.now, anna, hidden, erik.staff_id or 0)

    other = office.item(kim, "message")
    assert [part.id for part in entries(office, "Erik")[0].parts] == [other]
    assert {part.id for part in entries(office)[0].parts} == {other, hidden}
    inbox_deeds.hand(office.store, office.now, anna, other, erik.staff_id or 0)
    with office.store.read() as tx:
        assert [inbox.get_item(tx, each).taken_by for each in (other, hidden)] == [erik.staff_id, None]
    inbox_deeds.close(office.store, office.now, erik, other, {other, hidden}, "met")
    with office.store.read() as tx:
        assert [inbox.get_item(tx, each).state for each in (other, hidden)] == ["closed", "open"]
