"""The one answer that every yes-or-no rule gives."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule decided, and the reason in plain Swedish for staff ("Varför gick inget ut?").

    `retry_at` (aware, UTC) is when a no turns into a yes by itself; None when it never does, or when `ok` is true.
    An `ok` verdict may still carry a reason worth showing, such as a warning before a late message.
    """

    ok: bool
    why_sv: str
    retry_at: datetime | None = None
