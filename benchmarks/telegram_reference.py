"""The reference: python-telegram-bot's ConversationHandler with PicklePersistence, flushed every turn.

    python -m benchmarks.telegram_reference STORED TURNS      prints turns a second

The same ten-question form, with STORED conversations in the file. Nothing goes over a network: the bot's requests are
answered in memory.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from telegram import Chat, Message, Update, User
from telegram.ext import Application, ContextTypes, ConversationHandler, MessageHandler, PicklePersistence, filters
from telegram.request import BaseRequest

QUESTIONS = 10
NOW = 1_795_000_000


class InMemory(BaseRequest):
    """A Telegram that says yes to everything."""

    @property
    def read_timeout(self) -> float | None:
        """No network, no time-out."""
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(self, url: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Answer what the library asks for."""
        result: Any = {"message_id": 1, "date": NOW, "chat": {"id": 1, "type": "private"}, "text": "x"}
        if url.endswith("getMe"):
            result = {"id": 1, "is_bot": True, "first_name": "b", "username": "b"}
        return 200, json.dumps({"ok": True, "result": result}).encode()


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """Keep the answer and ask the next question."""
    assert context.user_data is not None
    assert update.message is not None
    kept = context.user_data.setdefault("answers", [])
    kept.append(update.message.text)
    await update.message.reply_text("Tack. Vad ska vi kalla dig? Ett smeknamn går bra.")
    return len(kept) % QUESTIONS


def build(path: Path, *, on_flush: bool) -> Application[Any, Any, Any, Any, Any, Any]:
    """The application, with its conversation. `on_flush`: the file is written at the flush only, to fill it fast."""
    text: Any = MessageHandler(filters.TEXT, answer)
    talk = ConversationHandler(
        entry_points=[text],
        states={state: [text] for state in range(QUESTIONS)},
        fallbacks=[],
        name="form",
        persistent=True,
    )
    application = (
        Application.builder()
        .token("1:x")
        .request(InMemory())
        .get_updates_request(InMemory())
        .persistence(PicklePersistence(path, on_flush=on_flush))
        .build()
    )
    application.add_handler(talk)
    return application


def update_of(bot: Any, number: int, who: int) -> Update:
    """One message from one person."""
    user, chat = User(who, "Kim", is_bot=False), Chat(who, Chat.PRIVATE)
    message = Message(number, _date(), chat, from_user=user, text="promenad kanske")
    message.set_bot(bot)
    return Update(number, message=message)


def _date() -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(NOW, UTC)


async def measure(stored: int, turns: int) -> float:
    """Fill the file, then time whole turns: handled, and flushed to disk."""
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder:
        path = Path(folder) / "talks.pickle"
        filling = build(path, on_flush=True)
        await filling.initialize()
        for who in range(1, stored + 1):
            await filling.process_update(update_of(filling.bot, who, who))
        await _flush(filling)
        await filling.shutdown()
        application = build(path, on_flush=False)
        await application.initialize()
        begun = time.perf_counter()
        for number in range(turns):
            who = (number * 7919) % stored + 1
            await application.process_update(update_of(application.bot, stored + number, who))
            await _flush(application)
        spent = time.perf_counter() - begun
        await application.shutdown()
    return turns / spent


async def _flush(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    await application.update_persistence()
    assert application.persistence is not None
    await application.persistence.flush()


if __name__ == "__main__":
    print(asyncio.run(measure(int(sys.argv[1]), int(sys.argv[2]))))
