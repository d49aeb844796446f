"""What a person has been told of group activities, by the messages that left: what was asked last, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, or_, select

from storage import recalls
from storage.columns import UtcDateTime
from storage.db import Tx
from storage.hot import Hot
from storage.tables import outbox
from storage.tables_activities import invitations

INVITATION: Final = "activity/invitation"
_HERE: Final = outbox.c
_OURS: Final = "group:"


def key_of(activity_id: int, version: int, participant_id: int, name: str) -> str:
    """Why a message about an activity exists: the key that keeps it from being queued twice."""
    return f"{_OURS}{activity_id}:{version}:{participant_id}:{name}"


class GroupWord(NamedTuple):
    """A message about an activity that the provider took. `name`: invitation, moved, offer1, cancelled ..."""

    activity: int
    name: str
    at: datetime
    written: datetime

    @property
    def kind(self) -> str:
        """Its name, without the number of an offer."""
        return self.name.rstrip("0123456789")


_SAID: Final = Hot(
    select(_HERE.dedupe_key, _HERE.accepted_at, _HERE.tried_at)
    .where(
        _HERE.participant_id == bindparam("person"),
        _HERE.accepted_at >= bindparam("since", type_=UtcDateTime),
        or_(
            _HERE.dedupe_key.startswith(_OURS),
            _HERE.dedupe_key.startswith("sending:") & (_HERE.message == INVITATION),
        ),
    )
    .order_by(_HERE.accepted_at.desc(), _HERE.id.desc())
)


def list_said(tx: Tx, participant_id: int, since: datetime) -> list[GroupWord]:
    """Give what was said to a person about activities since then (UTC), the newest first."""
    found = _SAID.all(tx, {"person": participant_id, "since": since})
    invited_by = _activities(tx, participant_id) if any(row[0].startswith("sending:") for row in found) else {}
    said = []
    for key, at, tried in found:
        parts = key.split(":")
        if key.startswith(_OURS):
            said.append(GroupWord(int(parts[1]), parts[4], at, tried or at))
        elif int(parts[1]) in invited_by:
            said.append(GroupWord(invited_by[int(parts[1])], "invitation", at, tried or at))
    return said


def _activities(tx: Tx, participant_id: int) -> dict[int, int]:
    """By which release a person was invited to which activity."""
    here = invitations.c
    mine = select(here.sending_id, here.activity_id).where(here.participant_id == participant_id)
    return {row[0]: row[1] for row in tx.execute(mine.where(here.sending_id.is_not(None)))}


def told(tx: Tx, activity_id: int) -> set[int]:
    """Give who has been told of an activity, or will be in a moment: the invitation has left, or is leaving."""
    here = invitations.c
    wanted = (
        select(here.participant_id, _HERE.dedupe_key, here.sending_id)
        .join(outbox, _HERE.participant_id == here.participant_id)
        .where(here.activity_id == activity_id, _HERE.state.not_in(("queued", "cancelled", "expired", "failed")))
        .where(or_(_HERE.dedupe_key.startswith(f"{_OURS}{activity_id}:"), _HERE.dedupe_key.startswith("sending:")))
    )
    return {
        row.participant_id
        for row in tx.execute(wanted)
        if row.dedupe_key.startswith(_OURS) or row.dedupe_key.startswith(f"sending:{row.sending_id}:")
    }


def has_left(tx: Tx, activity_id: int, participant_id: int, sending_id: int | None) -> bool:
    """Whether anything about an activity has left for a person: the invitation of that release, or a later word."""
    about = _HERE.dedupe_key.startswith(f"{_OURS}{activity_id}:")
    if sending_id is not None:
        about = or_(about, _HERE.dedupe_key == f"sending:{sending_id}:{participant_id}")
    theirs = select(_HERE.id).where(_HERE.participant_id == participant_id, _HERE.accepted_at.is_not(None), about)
    return tx.execute(theirs.limit(1)).first() is not None


def cancel_queued(tx: Tx, now: datetime, activity_id: int, people: Collection[int] | None, why: str) -> int:
    """Cancel what is still queued about an activity, to some people or all; give how many. Invitations are a release's.

    What is on its way is called back.
    """
    mine = [_HERE.dedupe_key.startswith(f"{_OURS}{activity_id}:")]
    if people is not None:
        mine.append(_HERE.participant_id.in_(sorted(people)))
    return recalls.call_back(tx, now, why, *mine)
