"""The table of sending, kept in the claim and again right before the request: what may go to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rules.kinds import KINDS
from storage import contacts, participants
from storage.db import Tx
from tests.scheduler.street import Street

AFTER_STOP = {"distress", "staff_alarm"}
IN_REST = {"distress", "staff_alarm", "staff"}
PROTECTED = {"distress", "staff_alarm", "reply", "staff"}
STATES: dict[str, tuple[Callable[[Tx, Any, Any], None], set[str]]] = {
    "stopped": (lambda tx, who, now: contacts.opt_out(tx, who.contact_id, now), AFTER_STOP),
    "in the rest": (lambda tx, who, now: participants.set_resting(tx, who.participant_id, now), IN_REST),
    "protected": (lambda tx, who, now: participants.set_protected(tx, who.participant_id), PROTECTED),
    "blocked": (lambda tx, who, now: contacts.block(tx, who.contact_id, now, "403"), set()),
}


@pytest.mark.few_on_postgres("state", "when")
@pytest.mark.parametrize("when", ["before the claim", "after the claim"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_only_what_the_table_lets_through_goes(street: Street, kind: str, state: str, when: str) -> None:
    change, may_go = STATES[state]
    row = street.queues("a", kind=kind)

    def changes() -> None:
        with street.town.store.begin() as tx:
            change(tx, street.person(), street.town.now)

    if when == "before the claim":
        changes()
        street.town.send()
    else:
        claimed = street.claims()
        changes()
        street.writes(*street.sends(*claimed))
    assert street.state(row) == ("accepted" if kind in may_go else "cancelled")
    assert len(street.channel.began) == (kind in may_go)
    assert street.row(row).outcome or kind in may_go, "staff can read why it did not go"


@pytest.mark.few_on_postgres("goes")
@pytest.mark.parametrize(
    ("message", "goes"),
    [
        ("talk/help", True), ("talk/help_who", True), ("talk/human", True), ("talk/call_me", True),
        ("talk/my_data", True),
        ("talk/language_missing", True), ("first_care/start_receipt", True), ("talk/handed_over", False),
        ("self_referral/meet", False), ("talk/nudge", False),
    ],
)  # fmt: skip
def test_in_the_rest_only_commands_are_answered(street: Street, message: str, goes: bool) -> None:
    who = street.person()
    with street.town.store.begin() as tx:
        participants.set_resting(tx, who.participant_id, street.town.now)
    row = street.queues("a", message=message)
    street.town.send()
    assert street.state(row) == ("accepted" if goes else "cancelled")


@pytest.mark.parametrize(("message", "goes"), [("first_care/stop_receipt", True), ("talk/help", False)])
def test_after_stop_only_its_receipt_is_sent(street: Street, message: str, goes: bool) -> None:
    who = street.person()
    with street.town.store.begin() as tx:
        contacts.opt_out(tx, who.contact_id, street.town.now)
    row = street.queues("a", message=message)
    street.town.send()
    assert street.state(row) == ("accepted" if goes else "cancelled")
