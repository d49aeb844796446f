"""A channel that is heeded: every try is counted, and what it says of the channel as a whole is put on the board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.channels.base import Channel, Outbound, Rates, Receipt, SendError, Style
from ingang.tally import Tally
from rules import troubles
from scheduler.watch import Board


@dataclass(frozen=True)
class Heeded:
    """A channel as it is, with somebody looking on."""

    inner: Channel
    tally: Tally
    board: Board

    @property
    def name(self) -> str:
        """See Channel."""
        return self.inner.name

    @property
    def style(self) -> Style:
        """See Channel."""
        return self.inner.style

    @property
    def reachable(self) -> bool:
        """See Channel."""
        return self.inner.reachable

    @property
    def finds(self) -> bool:
        """See Channel."""
        return self.inner.finds

    @property
    def find_wait(self) -> timedelta:
        """See Channel."""
        return self.inner.find_wait

    @property
    def rates(self) -> Rates | None:
        """See Channel."""
        return self.inner.rates

    async def send(self, message: Outbound) -> Receipt:
        """See Channel."""
        try:
            receipt = await self.inner.send(message)
        except SendError as error:
            self.tally.add("send", self.name, error.kind)
            heed(self.name, error, self.tally, self.board)
            raise
        except BaseException:
            self.tally.add("send", self.name, "unknown")
            raise
        self.tally.add("send", self.name, "accepted")
        self.board.good(self.name + troubles.TOKEN)
        return receipt

    async def find(self, message: Outbound) -> Receipt | None:
        """See Channel."""
        try:
            return await self.inner.find(message)
        except SendError as error:
            heed(self.name, error, self.tally, self.board)
            raise


def heed(channel: str, error: SendError, tally: Tally, board: Board) -> None:
    """Count a provider's code, and note what it means for the whole channel."""
    tally.add("error", channel, error.code or error.kind)
    trouble = troubles.of_refusal(channel, error.code)
    if trouble is not None:
        board.bad(trouble, error.code)
