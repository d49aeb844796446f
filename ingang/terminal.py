"""A phone in the terminal: the same turns, the same outbox, the same words as anywhere else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from bot.channels.base import Inbound
from bot.channels.pickup import TERMINAL
from bot.conversation import take_turn
from ingang.app import App
from ingang.log import configure
from ingang.settings import load_settings
from ingang.wiring import open_app
from scheduler.dispatcher import Dispatcher
from storage import contacts, timeline
from storage.ids import new_id


@dataclass
class Phone:
    """One simulated phone: what is typed goes in as a message, what was accepted for it is shown."""

    app: App
    number: str
    console: Console
    shown: int = 0

    @classmethod
    def open(cls, number: str, *, data: Path, live: bool) -> Phone:
        """Open the store behind the phone. Raises UserError or StoreError with the way out."""
        from ingang.running import demo_settings

        configure("console", "error")  # the talk is what is looked at here
        app = open_app(load_settings() if live else demo_settings(data), demo=not live)
        # What waits on other channels is for the process that has them open, and not for this one.
        own = replace(app.house, channels={TERMINAL.name: TERMINAL})
        app.dispatcher = Dispatcher(app.store, own, app.clock.now, app.lease_now)
        return cls(app, number, Console(highlight=False))

    def talk(self) -> None:
        """Show what was said before, then take turns until the input ends."""
        if sys.stdin.isatty():
            self.console.print(
                "[dim]En telefon i terminalen. Skriv som en deltagare; en tom rad lägger undan den.[/dim]"
            )
        asyncio.run(self.app.dispatcher.drain())  # what staff have written since the last time
        self.show()
        for line in self._typed() if sys.stdin.isatty() else sys.stdin:
            if line.strip():
                if not sys.stdin.isatty():
                    self.console.print(f"> {line.rstrip()}", markup=False)
                self.send(line.rstrip("\n"))
        self.app.store.close()

    def _typed(self) -> Iterator[str]:
        """Lines until an empty one, or the end of the input."""
        with suppress(EOFError):
            while line := self.console.input("> ").strip():
                yield line

    def send(self, text: str) -> None:
        """Send one message, and show what comes back."""
        now = self.app.clock.now()
        message = Inbound(TERMINAL.name, self.number, f"terminal-{new_id(now)}", text, extra={"made_up": self.app.demo})
        take_turn(self.app.store, self.app.house, message, now)
        asyncio.run(self.app.dispatcher.drain())
        self.show()

    def show(self) -> None:
        """Print the messages that have come since the last look."""
        with self.app.store.read() as tx:
            who = contacts.find(tx, TERMINAL.name, self.number)
            if who is None:
                return
            said = [each for each in timeline.of_contact(tx, who.contact_id) if each.reached and each.who != "person"]
        for each in said[self.shown :]:
            self.console.print(Panel(each.text or "", expand=False, border_style="green"), markup=False)
        self.shown = len(said)
