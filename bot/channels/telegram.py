"""Telegram, over python-telegram-bot's `Bot` and types.

The library's own ways of taking updates (its Updater and its webhook server) say "received" before anything is kept, so
they are not used: `fetch` asks for raw updates and says nothing, and the door moves on when they are kept. Nothing is
tried again here: what an error means is told by bot/channels/telegram_errors.py, and the dispatcher decides.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import structlog
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.channels import telegram_updates
from bot.channels.base import Inbound, Outbound, Presence, Rates, Receipt, SendError, Style
from bot.channels.telegram_errors import Conflict, Wire, told_as_send_error

log = structlog.get_logger(__name__)

API: Final = "https://api.telegram.org"
LONGEST: Final = 4096
"""UTF-16 units of one message (Bot API, sendMessage). Staff's words are at most 1,600 characters, ours are shorter."""
LONGEST_VALUE: Final = 64  # bytes of a button's value (Bot API, InlineKeyboardButton.callback_data)
ONE_ROW: Final = 24
"""Characters of labels that stand beside each other on a narrow phone; else each button gets its own row."""
SHORT: Final = 2
IN_A_ROW: Final = 6
"""Labels of at most SHORT characters, such as the numbers of a scale, stand so many in a row."""
MOST_UPDATES: Final = 100  # the Bot API gives no more at once
CONNECTIONS: Final = 128  # more than the dispatcher ever has on their way
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)  # else Telegram's servers would fetch our links


class Timeouts(NamedTuple):
    """Seconds for each step of a request; the whole of it has 20 s, which the dispatcher sees to."""

    connect: float = 5.0
    read: float = 12.0
    write: float = 5.0
    pool: float = 2.0


USUAL: Final = Timeouts()


class _Bot(Bot):
    """The library's bot, which can give updates as they came: it refuses a hundred for one that it cannot read."""

    __slots__ = ()

    async def get_raw_updates(self, wanted: dict[str, Any], longest: float) -> Any:
        return await self._post("getUpdates", wanted, read_timeout=longest)


class Telegram:
    """The channel. `base_url` is another Bot API server; `webhook_secret` is what Telegram shows at our door."""

    name = telegram_updates.NAME
    style: Style = "chat"
    reachable = True
    finds = False
    find_wait = timedelta()
    rates: Rates | None = Rates(25, 1.0)
    """Under Telegram's about 30 a second in all and 1 a second in a chat (Bots FAQ, core.telegram.org/bots/faq)."""

    def __init__(self, token: str, *, base_url: str = "", webhook_secret: str = "", timeouts: Timeouts = USUAL) -> None:
        self._secret = webhook_secret.encode()
        self._timeouts = timeouts
        self._id = token.partition(":")[0]
        self._sending, self._fetching = self._wire(CONNECTIONS), self._wire(1)
        api = (base_url or API).rstrip("/").removesuffix("/bot")
        self._bot = _Bot(token, f"{api}/bot", f"{api}/file/bot", self._sending, self._fetching)
        self._presses: set[asyncio.Task[None]] = set()

    def _wire(self, connections: int) -> Wire:
        wait = self._timeouts
        return Wire(
            connection_pool_size=connections, connect_timeout=wait.connect, read_timeout=wait.read,
            write_timeout=wait.write, pool_timeout=wait.pool,
        )  # fmt: skip

    async def open(self) -> None:
        """Be ready for requests; none is made."""
        await asyncio.gather(self._sending.initialize(), self._fetching.initialize())

    async def close(self) -> None:
        """End what is under way beside the turns, and the connections."""
        for task in self._presses:
            task.cancel()
        await asyncio.gather(*self._presses, return_exceptions=True)
        await asyncio.gather(self._sending.shutdown(), self._fetching.shutdown())

    # --- out ----------------------------------------------------------------------------------------------------------

    async def send(self, message: Outbound) -> Receipt:
        """Send one message, whole or not at all. Raises SendError."""
        if len(message.text.encode("utf-16-le", "replace")) // 2 > LONGEST:
            raise SendError("never", f"Texten är för lång: högst {LONGEST} tecken får plats.", code="too_long")
        if not message.address.removeprefix("-").isdecimal():
            raise SendError("never", "Adressen är ingen chatt i Telegram.", code="no_chat")
        with told_as_send_error():
            chat = int(message.address)
            if message.file is not None:
                name, text = message.file
                sent = await self._bot.send_document(chat, text.encode(), caption=message.text, filename=name)
            else:
                sent = await self._bot.send_message(
                    chat, message.text, link_preview_options=NO_PREVIEW, reply_markup=_keyboard(message)
                )
            return Receipt(f"{sent.message_id}")

    async def find(self, message: Outbound) -> Receipt | None:
        """Telegram has no list of what a bot has sent. Raises SendError."""
        raise SendError("unknown", "Telegram kan inte visa vad som gick fram.", code="no_list")

    def thank_for_press(self, message: Inbound) -> None:
        """Let a pressed button rest on the person's screen. Nothing waits for it, and it may fail."""
        press = message.extra.get("press")
        if isinstance(press, str):
            task = asyncio.get_running_loop().create_task(self._thank(press))
            self._presses.add(task)
            task.add_done_callback(self._presses.discard)

    async def _thank(self, press: str) -> None:
        try:
            with told_as_send_error():
                await self._bot.answer_callback_query(press)
        except (SendError, Conflict) as error:
            # A press that is some minutes old is refused. What it means was taken in before.
            log.info("telegram.press_not_thanked", status=getattr(error, "code", ""))

    # --- in -----------------------------------------------------------------------------------------------------------

    def verify(self, secret_header: str | None) -> bool:
        """Tell whether it is Telegram that knocks: compares in constant time. Nobody is, where there is no secret."""
        given = (secret_header or "").encode("utf-8", "replace")
        return hmac.compare_digest(given, self._secret) and bool(self._secret)

    def parse(self, update: Mapping[str, Any]) -> Inbound | Presence | None:
        """Give what a person did, out of one raw update; None when it is not for us. Never raises."""
        return telegram_updates.read(update, self._id)

    async def fetch(self, offset: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - a long wait
        """Give the updates from `offset` on, oldest first; waits at most `timeout` seconds for the first.

        Asking with an offset tells Telegram to forget what is below it. Raises Conflict when another one asks, and
        SendError.
        """
        wanted = {
            "offset": offset, "timeout": int(timeout), "limit": MOST_UPDATES,
            "allowed_updates": list(telegram_updates.ALLOWED),
        }  # fmt: skip
        with told_as_send_error():
            found = await self._bot.get_raw_updates(wanted, timeout + self._timeouts.read)
        updates = found if isinstance(found, list) else []
        return [each for each in updates if isinstance(each, dict) and type(each.get("update_id")) is int]

    # --- the bot itself -----------------------------------------------------------------------------------------------

    async def examine(self) -> str:
        """Give the bot's user name; SendError when the token is dead or Telegram cannot be reached."""
        with told_as_send_error():
            return (await self._bot.get_me()).username or ""

    async def set_menu(self, menus: Mapping[str, Mapping[str, str]]) -> None:
        """Set the menu: language -> command -> what it says. The first one is for everybody else too. SendError."""
        with told_as_send_error():
            for place, (language, commands) in enumerate(menus.items()):
                wanted = [BotCommand(command, about) for command, about in commands.items()]
                await self._bot.set_my_commands(wanted, language_code=language if place else None)

    async def set_webhook(self, url: str) -> None:
        """Let Telegram bring updates to `url`, showing our secret. Raises SendError."""
        with told_as_send_error():
            await self._bot.set_webhook(
                url, secret_token=self._secret.decode(), allowed_updates=list(telegram_updates.ALLOWED)
            )

    async def delete_webhook(self) -> None:
        """Let updates wait to be fetched; none that waits is dropped. Raises SendError."""
        with told_as_send_error():
            await self._bot.delete_webhook()


def _keyboard(message: Outbound) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove:
    """Buttons under the message, or keys in the place of the keyboard.

    Keys write their own label. They share a number, and stand in for buttons whose values Telegram would not carry: the
    person still answers with one press, and the words are read. A message with neither takes old keys away.
    """
    if message.number_key or any(not 0 < len(value.encode()) <= LONGEST_VALUE for _, value in message.buttons):
        keys = [KeyboardButton(message.number_key, request_contact=True)] if message.number_key else []
        keys += [KeyboardButton(label) for label, _ in message.buttons]
        return ReplyKeyboardMarkup([[key] for key in keys], resize_keyboard=True, one_time_keyboard=True)
    if not message.buttons:
        return ReplyKeyboardRemove()
    buttons = [InlineKeyboardButton(label, callback_data=value) for label, value in message.buttons]
    if sum(len(label) for label, _ in message.buttons) <= ONE_ROW and len(buttons) <= 3:
        return InlineKeyboardMarkup([buttons])
    rows: list[list[InlineKeyboardButton]] = []
    for button in buttons:
        fits = len(button.text) <= SHORT and bool(rows) and len(rows[-1]) < IN_A_ROW and len(rows[-1][0].text) <= SHORT
        rows[-1].append(button) if fits else rows.append([button])
    return InlineKeyboardMarkup(rows)
