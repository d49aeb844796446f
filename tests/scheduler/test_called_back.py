"""What is called back while a worker holds it: not yet sent, in doubt, or put off. It goes no further."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.actions import activities as deeds
from bot.actions.sending_many import Choice
from scheduler import reminders
from scheduler.claim import Claimed
from staff import meetings as work
from staff.meetings import Ask
from storage import invitations, outbox, participants, recalls
from storage.db import Store
from storage.tables import outbox as rows
from storage.tables_recalls import recalls as noted
from tests.many_town import WORDS, Many
from tests.meeting_town import NEXT_WEEK, OPERATOR, MeetingTown, at
from tests.scheduler.street import Street, claims, sends, writes
from tests.servers.scripted import LATER, UNKNOWN
from tests.town import Town


@pytest.fixture
def many(store: Store) -> Many:
    return Many(Town(store))


def ends(many: Many) -> list[tuple[str, str | None]]:
    return [(row.state, row.outcome) for row in many.town.rows()]


def settle_at_once(many: Many) -> None:
    many.town.later(seconds=5)


def test_what_is_claimed_ahead_does_not_go_after_a_stop(many: Many) -> None:
    channel = many.town.scripted()
    many.people(3)
    out = many.release(Choice(text=WORDS))
    many.town.now += timedelta(minutes=2)
    claimed = claims(many.town)
    assert len(claimed) == 3
    many.stop(out.sending_id)
    writes(many.town, *sends(many.town, *claimed))
    assert channel.began == []
    assert ends(many) == [("cancelled", "Utskicket stoppades.")] * 3


def test_what_is_claimed_ahead_does_not_go_when_the_activity_is_called_off(many: Many) -> None:
    """And who did not hear of it does not hear that it is off."""
    channel = many.town.scripted()
    people = many.people(2)
    there = many.activity()
    many.release(Choice(activity_id=there.id, people=tuple(people)))
    many.town.now += timedelta(minutes=2)
    claimed = claims(many.town)
    assert len(claimed) == 2
    with many.town.store.begin() as tx:
        deeds.cancel(tx, many.town.house, there.id, many.town.now)
    writes(many.town, *sends(many.town, *claimed))
    settle_at_once(many)
    assert channel.began == []
    assert (
        ends(many) == [("cancelled", "Aktiviteten är inställd.")] * 2 + [("cancelled", "Inbjudan hann inte gå ut.")] * 2
    )


def test_who_got_no_invitation_after_all_may_be_invited_again(many: Many) -> None:
    many.town.scripted()
    people = many.people(2)
    there = many.activity()
    out = many.release(Choice(activity_id=there.id, people=tuple(people)))
    many.town.now += timedelta(minutes=2)
    claimed = claims(many.town)
    many.stop(out.sending_id)
    writes(many.town, *sends(many.town, *claimed))
    settle_at_once(many)
    with many.town.store.read() as tx:
        assert invitations.of_activity(tx, there.id) == []
    again = many.release(Choice(activity_id=there.id, people=tuple(people)))
    assert (again.made, again.count) == (True, 2)


# --- meetings ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def town(store: Store) -> MeetingTown:
    return MeetingTown(store)


def reminder_is_claimed(town: MeetingTown) -> tuple[int, list[Claimed]]:
    """A meeting whose reminder of the day before a worker has claimed; the meeting's id, and what was claimed."""
    meeting = town.books(town.signed_up(), NEXT_WEEK)
    town.until("2026-12-01 16:59")
    town.now = at("2026-12-01 17:00")
    reminders.sweep(town.store, town.house, town.now)
    return meeting, claims(town)


def test_a_reminder_that_is_claimed_does_not_go_when_the_meeting_is_moved(town: MeetingTown) -> None:
    meeting, claimed = reminder_is_claimed(town)
    channel = town.scripted()
    work.move(town.store, town.house, town.now, OPERATOR, meeting, Ask("2026-12-03 10:00"))
    writes(town, *sends(town, *claimed))
    assert (len(claimed), channel.began) == (1, [])
    town.send()
    assert ["torsdag 3 december" in message.text for message in channel.taken] == [True]


@pytest.mark.parametrize("came", [LATER, UNKNOWN])
def test_a_reminder_that_did_not_get_through_is_not_tried_again_when_the_meeting_is_off(
    town: MeetingTown, came: Exception
) -> None:
    meeting, claimed = reminder_is_claimed(town)
    channel = town.scripted()
    channel.does(came)
    ended = sends(town, *claimed)
    work.cancel(town.store, town.house, town.now, OPERATOR, meeting)
    writes(town, *ended)
    began = len(channel.began)
    town.doubt(seconds=7200)
    town.later(hours=2)
    assert began == 1
    assert [message.text for message in channel.taken if "I morgon" in message.text] == []
    assert town.rows("queued", "sending", "uncertain") == []


def test_one_that_the_provider_took_stays_sent(town: MeetingTown) -> None:
    meeting, claimed = reminder_is_claimed(town)
    channel = town.scripted()
    ended = sends(town, *claimed)
    work.cancel(town.store, town.house, town.now, OPERATOR, meeting)
    writes(town, *ended)
    assert ["I morgon" in message.text for message in channel.taken] == [True]
    assert next(row.state for row in town.rows() if row.id == claimed[0].row.id) == "accepted"


# --- the note itself --------------------------------------------------------------------------------------------------


def test_what_may_go_after_all_goes(store: Store) -> None:
    """Called back twice it is noted once, and the note can be taken away."""
    street = Street(store)
    row = street.queues("a")
    (claimed,) = street.claims()
    with store.begin() as tx:
        assert recalls.call_back(tx, street.town.now, "Prov.", rows.c.id == row) == 0
        assert recalls.call_back(tx, street.town.now, "Prov igen.", rows.c.id == row) == 0
        recalls.forget(tx, rows.c.id == row)
    street.writes(*street.sends(claimed))
    assert street.state(row) == "accepted"


def test_an_erased_person_leaves_no_note(store: Store) -> None:
    street = Street(store)
    street.queues("a", kind="meeting")
    street.claims()
    with store.begin() as tx:
        outbox.cancel_bots_own(tx, street.town.now, "Prov.", participant_id=street.person().participant_id)
        assert tx.execute(select(noted.c.why)).scalars().all() == ["Prov."]
        participants.erase(tx, street.person().participant_id, street.town.now)
        assert tx.execute(select(noted.c.why)).scalars().all() == []
