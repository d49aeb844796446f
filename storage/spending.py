"""How many SMS have been sent: what a day's ceiling is held against."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, or_, select, text

from storage.db import Tx
from storage.hot import Hot
from storage.tables import outbox
from storage.tables_joining import SMS_ACCEPTED

SMS: Final = ("sms", "sim_sms")
"""The channels that are counted; the demo's too, so that it shows the same."""


def _counted(*where: Any) -> Select[Any]:
    return select(func.count()).select_from(outbox).where(*where)


# Asked in every claim of what the bot starts: both go by an index, and straight on the driver.
_TAKEN: Final = Hot(
    _counted(text(SMS_ACCEPTED), outbox.c.accepted_at >= bindparam("since", type_=outbox.c.accepted_at.type))
)
_ON_THEIR_WAY: Final = Hot(
    _counted(text("outbox.state in ('sending','uncertain')"), or_(*(outbox.c.channel == name for name in SMS)))
)


def count_sms(tx: Tx, since: datetime) -> int:
    """Give how many SMS the provider has taken since then, with those on their way to it just now."""
    return int(_TAKEN.first(tx, {"since": since})[0]) + int(_ON_THEIR_WAY.first(tx, {})[0])
