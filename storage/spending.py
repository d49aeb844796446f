"""How many SMS have been sent: what a day's ceiling is held against."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select, text

from storage.db import Tx
from storage.tables import outbox
from storage.tables_joining import SMS_ACCEPTED

SMS: Final = ("sms", "sim_sms")
"""The channels that are counted; the demo's too, so that it shows the same."""


def _counted(*where: Any) -> Select[Any]:
    return select(func.count()).select_from(outbox).where(*where)


_TAKEN: Final = _counted(
    text(SMS_ACCEPTED), outbox.c.accepted_at >= bindparam("since", type_=outbox.c.accepted_at.type)
)
_ON_THEIR_WAY: Final = _counted(outbox.c.state.in_(("sending", "uncertain")), outbox.c.channel.in_(SMS))


def count_sms(tx: Tx, since: datetime) -> int:
    """Give how many SMS the provider has taken since then, with those on their way to it just now."""
    taken = int(tx.execute(_TAKEN, {"since": since}).scalar_one())
    return taken + int(tx.execute(_ON_THEIR_WAY).scalar_one())
