"""What every channel speaks: a message in, a message out, a receipt, and the one error.

A channel is one file with `send`, and where the provider has them `verify`, `parse`, `receive`, `find` and `redact`. It
reads no tables and knows no flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

Style = Literal["sms", "chat"]
Mark = Literal["", "opted_out", "blocked"]
"""What a provider's word says of the contact: they have stopped there, they cannot be reached there, or nothing."""
LONGEST_IN = 4_000
"""Characters of one incoming message that are kept; what is longer is cut, visibly. Telegram's own limit is 4,096."""
CUT = " [...]"

TEXT, BUTTON = "text", "button"
NOT_TEXT = ("voice", "picture", "sticker", "place", "contact", "file", "edited", "reaction", "other")


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a person, as a channel's `parse` gives it.

    `provider_id` is the provider's own id of it: the same id is the same message, however often it comes. `kind` is
    text, button (then `text` is the button's value) or one of NOT_TEXT. `extra` is what else the channel knows:
    `language` of somebody new, `poster` and the like.
    """

    channel: str
    address: str
    provider_id: str
    text: str
    kind: str = TEXT
    received_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in (TEXT, BUTTON, *NOT_TEXT):
            raise ValueError(f"no kind of message is called {self.kind!r}")
        object.__setattr__(self, "text", keepable(self.text))


def keepable(text: str) -> str:
    """The text as it can be kept: no NUL, no lone surrogates, cut visibly at LONGEST_IN characters."""
    if len(text) > LONGEST_IN:
        text = text[: LONGEST_IN - len(CUT)] + CUT
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to send. `ref` is our own random reference, never a person's id; buttons are (label, value).

    `number_key` is the label of a key that shares the person's own number, on a message that asks for it: a channel
    with such keys shows it, the others do not. `file` is (name, text) of a small file to go with it; a channel that
    carries no files sends the text alone.

    `now` is when this try begins (business time; `not_after` counts from there). For `find` only: `tried_at` is when
    the first try began, and `not_these` are the provider's ids that are known to be other messages to that address.
    """

    address: str
    text: str
    ref: str
    buttons: tuple[tuple[str, str], ...] = ()
    not_after: datetime | None = None
    number_key: str = ""
    file: tuple[str, str] | None = None
    now: datetime | None = None
    tried_at: datetime | None = None
    not_these: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has taken the message."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Status:
    """What a provider says of a message that it has taken: our own reference, a state of `rules.delivery`, its code.

    `why` is Swedish, for staff; `mark` is what it says of the contact, as in SendError.
    """

    ref: str
    state: str
    provider_id: str | None = None
    code: str = ""
    why: str = ""
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """A person has blocked us, or let us in again; nothing was said."""

    channel: str
    address: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast a provider takes messages: at most so many a second in all, and seconds between two to one address."""

    per_second: float
    address_gap: float = 0.0


class SendError(Exception):
    """Why a message was not sent, or may not have been.

    `kind` is `later` (certainly not sent: try again, at `retry_after` seconds when the provider said so), `never` (and
    why), or `unknown` (it may have gone out). `mark` tells what it says of the contact: opted_out, blocked, or nothing.
    `whole_channel` is true where the fault is the channel's and not this address's.
    """

    def __init__(
        self,
        kind: Literal["later", "never", "unknown"],
        why: str,
        *,
        code: str = "",
        retry_after: float | None = None,
        mark: Mark = "",
        whole_channel: bool = False,
    ) -> None:
        super().__init__(f"{kind}: {why}")
        self.kind, self.why, self.code = kind, why, code
        self.retry_after, self.mark, self.whole_channel = retry_after, mark, whole_channel


class Channel(Protocol):
    """A way to people."""

    @property
    def name(self) -> str:
        """What the tables call it."""

    @property
    def style(self) -> Style:
        """Plain text, or with buttons."""

    @property
    def reachable(self) -> bool:
        """Whether we can write here of our own accord, later."""

    @property
    def finds(self) -> bool:
        """Whether `find` can tell what the provider took."""

    @property
    def find_wait(self) -> timedelta:
        """How long after a try a message that `find` does not see may still turn up."""

    @property
    def rates(self) -> Rates | None:
        """How fast it may be used; None when nobody counts."""

    async def send(self, message: Outbound) -> Receipt:
        """Send one message. Raises SendError, and nothing else, when it is not certain that it was taken."""

    async def find(self, message: Outbound) -> Receipt | None:
        """Look a message up at the provider; None when it was certainly not taken. Raises SendError when unreadable."""
