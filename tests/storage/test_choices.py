from __future__ import annotations

from datetime import datetime, timedelta

from storage import choices, participants
from storage.db import Store


def test_what_was_told_and_chosen_is_kept_apart(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        kim, _ = participants.create(tx, now)
        sam, _ = participants.create(tx, now)
        choices.record(tx, now, kim, "informed", "how_we_save", None, "sign_up/welcome", "a1")
        choices.record(tx, now + timedelta(minutes=1), kim, "chose", "sms", "yes", "sign_up/reach", "b2")
        choices.record(tx, now, sam, "consent", "share", "no", "sign_up/share", "c3")
        mine = choices.list_for(tx, kim)
    assert [(one.kind, one.purpose, one.answer, one.text_version, one.at) for one in mine] == [
        ("informed", "how_we_save", None, "a1", now),
        ("chose", "sms", "yes", "b2", now + timedelta(minutes=1)),
    ]
