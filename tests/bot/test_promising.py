"""What the bot promises when many wait already."""

from __future__ import annotations

from datetime import datetime

from rules.calendar import swedish_moment
from storage import contacts, inbox, units
from storage.db import Store
from tests.town import Town


def _wait(town: Town, count: int, unit: str = "alvsbyn") -> None:
    with town.store.begin() as tx:
        unit_id = units.get_unit(tx, unit).id
        for number in range(count):
            who = contacts.create(tx, town.now, "sim_sms", f"+4670174{number:04}", unit_id=unit_id)
            for kind in ("message", "callback"):  # one clock a person, however much they wrote
                inbox.open_item(tx, town.now, kind, 3, unit_id, who.participant_id, None, None)


def _promised(town: Town, channel: str = "sim_sms") -> tuple[str, datetime]:
    phone = town.phone(channel, "+46701740699")
    phone.writes("ring mig")
    (item,) = [each for each in town.inbox() if each.participant_id == phone.standing().participant_id]
    assert item.due_at is not None
    return swedish_moment(item.due_at), item.due_at


def test_a_queue_lengthens_what_is_promised(sqlite_store: Store) -> None:
    town = Town(sqlite_store)
    _wait(town, 17)
    # Before the unit is known everybody waits for everybody: 18 people, 3 colleagues and 8 a day.
    assert _promised(town)[0] == "tisdag 24 november kl. 16"


def test_the_queue_of_the_own_unit_counts(store: Store) -> None:
    town = Town(store)
    _wait(town, 16)
    with town.store.begin() as tx:
        alvsbyn, pitea = units.get_unit(tx, "alvsbyn").id, units.get_unit(tx, "pitea").id
    for unit, address, day in (
        (alvsbyn, "+46701750001", "onsdag 25 november kl. 16"),  # two colleagues answer 16 a day: she is the 17th
        (alvsbyn, "+46701750002", "onsdag 25 november kl. 16"),
        (pitea, "+46701750003", "tisdag 24 november kl. 16"),
    ):
        with town.store.begin() as tx:
            who = contacts.create(tx, town.now, "sim_sms", address, unit_id=unit)
        phone = town.phone("sim_sms", address)
        phone.writes("ring mig")
        (item,) = [each for each in town.inbox() if each.participant_id == who.participant_id]
        assert item.due_at is not None
        assert swedish_moment(item.due_at) == day
        assert day.split()[0] in phone.texts()[-1] or "i morgon" in phone.texts()[-1]
