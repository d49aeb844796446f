"""Reading what Telegram sends: one raw update to what a person did, or to nothing.

Only private chats are heard: what is said in a group or a channel is nobody's message to us. Nothing is downloaded, and
of a contact that somebody shares only their own number is read: a third person has not been asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from telegram import CallbackQuery, ChatMemberUpdated, Message, MessageReactionUpdated, ReactionTypeEmoji, Update
from telegram.constants import ChatMemberStatus, ChatType, MessageAttachmentType, MessageType, UpdateType

from bot.channels.base import BUTTON, TEXT, Inbound, Presence

log = structlog.get_logger(__name__)

NAME: Final = "telegram"

ALLOWED: Final = tuple(
    str(kind)
    for kind in (
        UpdateType.MESSAGE,
        UpdateType.EDITED_MESSAGE,
        UpdateType.CALLBACK_QUERY,
        UpdateType.MY_CHAT_MEMBER,
        UpdateType.MESSAGE_REACTION,
    )
)
"""The kinds of update that we ask for. Telegram leaves the last one out unless it is named."""

CONTENTS: Final = (
    ("voice", "voice"),
    ("photo", "picture"),
    ("animation", "picture"),
    ("sticker", "sticker"),
    ("venue", "place"),
    ("location", "place"),
    ("contact", "contact"),
    ("audio", "file"),
    ("document", "file"),
)
"""What a message may hold instead of text, and the kind that we call it. The first that fits counts; every other
attachment (a film, a poll, dice) is `other`."""

SENT_BY_PEOPLE: Final = frozenset(
    {*map(str, MessageAttachmentType), "text", "checklist", "giveaway", "gift", "unique_gift", "users_shared",
     "chat_shared", "web_app_data", "effect_id", "reply_to_story", "sender_boost_count", "business_connection_id",
     "sender_business_bot"}
)  # fmt: skip
SERVICE: Final = tuple(name for name in map(str, MessageType) if name not in SENT_BY_PEOPLE)
"""What Telegram itself notes in a chat (a pinned message, a timer): nobody has said anything."""

A_SECOND: Final = timedelta(milliseconds=999)
"""Telegram's times have whole seconds. A quick answer would else seem to be from before its question was accepted."""


def read(update: Mapping[str, Any], bot: str = "") -> Inbound | Presence | None:
    """Give what a person did, or None when it is not for us. Never raises.

    `bot` is the bot's own number: two bots number their updates apart. What the library cannot read is kept as `other`,
    with its text if it has one.
    """
    number = update.get("update_id")
    if type(number) is not int:
        return None
    provider_id = f"{bot}:{number}" if bot else f"{number}"
    try:
        return _read(Update.de_json(dict(update), None), provider_id)
    except Exception as error:
        # Whatever a message may look like one day, the next ones must not wait behind it.
        log.exception("telegram.update_unreadable", error=type(error).__name__)
        return _unreadable(update, provider_id)


def _read(update: Update, provider_id: str) -> Inbound | Presence | None:
    if update.message:
        return _message(update.message, provider_id)
    if update.edited_message:
        return _edited(update.edited_message, provider_id)
    if update.callback_query:
        return _pressed(update.callback_query, provider_id)
    if update.my_chat_member:
        return _came_or_went(update.my_chat_member)
    if update.message_reaction:
        return _reacted(update.message_reaction, provider_id)
    return None


def _message(message: Message, provider_id: str) -> Inbound | None:
    found = _content(message) if _from_a_person(message) else None
    if found is None:
        return None
    kind, text = found
    if message.media_group_id and not text:
        # An album comes as a message for each picture; it is one thing that the person sent.
        provider_id = f"album:{message.media_group_id}"
    return Inbound(NAME, f"{message.chat.id}", provider_id, text, kind, _end_of(message.date))


def _edited(message: Message, provider_id: str) -> Inbound | None:
    """Only words can be edited; a place that is shared for an hour is "edited" every few seconds."""
    text = message.text or message.caption
    if not text or not _from_a_person(message):
        return None
    return Inbound(NAME, f"{message.chat.id}", provider_id, text, "edited", _end_of(message.edit_date or message.date))


def _from_a_person(message: Message) -> bool:
    who = message.from_user
    return message.chat.type == ChatType.PRIVATE and not (who is not None and who.is_bot)


def _content(message: Message) -> tuple[str, str] | None:
    """The kind and the text of a message; None where nobody has said anything."""
    if message.text is not None:
        return TEXT, _without_bots_name(message.text)
    number = _own_number(message)
    if number:
        return TEXT, number
    for name, kind in CONTENTS:
        if getattr(message, name):
            return kind, message.caption or ""
    if any(getattr(message, name, None) for name in SERVICE):
        return None
    return "other", message.caption or ""


def _own_number(message: Message) -> str:
    """The number of a contact that is the sender's own, in whole; "" for anybody else's."""
    contact, sender = message.contact, message.from_user
    if contact is None or sender is None or contact.user_id is None or contact.user_id != sender.id:
        return ""
    number = contact.phone_number
    return number if number.startswith("+") else f"+{number}"


def _without_bots_name(text: str) -> str:
    """Give a command such as /stopp@ingang_bot as /stopp; the bot's words read the rest, and what /start carries."""
    command, space, rest = text.partition(" ")
    return command.partition("@")[0] + space + rest if command.startswith("/") else text


def _pressed(query: CallbackQuery, provider_id: str) -> Inbound | None:
    message = query.message
    if message is None or message.chat.type != ChatType.PRIVATE or query.data is None:
        return None
    return Inbound(NAME, f"{message.chat.id}", provider_id, query.data, BUTTON, None, {"press": query.id})


def _came_or_went(change: ChatMemberUpdated) -> Presence | None:
    status = change.new_chat_member.status
    if change.chat.type != ChatType.PRIVATE or status not in (ChatMemberStatus.BANNED, ChatMemberStatus.MEMBER):
        return None
    return Presence(NAME, f"{change.chat.id}", status == ChatMemberStatus.BANNED)


def _reacted(reaction: MessageReactionUpdated, provider_id: str) -> Inbound | None:
    """A reaction that is taken away again says nothing."""
    if reaction.chat.type != ChatType.PRIVATE or reaction.user is None or not reaction.new_reaction:
        return None
    text = "".join(each.emoji for each in reaction.new_reaction if isinstance(each, ReactionTypeEmoji))
    return Inbound(NAME, f"{reaction.chat.id}", provider_id, text, "reaction", _end_of(reaction.date))


def _end_of(second: datetime) -> datetime:
    return second + A_SECOND


def _unreadable(update: Mapping[str, Any], provider_id: str) -> Inbound | None:
    """What can be made out without the library: the chat, and the words if there are any."""
    for name in ("message", "edited_message", "callback_query", "message_reaction"):
        part = update.get(name)
        if name == "callback_query" and isinstance(part, dict):
            part = part.get("message")
        chat = part.get("chat") if isinstance(part, dict) else None
        if isinstance(part, dict) and isinstance(chat, dict) and chat.get("type") == ChatType.PRIVATE:
            address, text = chat.get("id"), part.get("text") if name != "callback_query" else None
            if type(address) is int:
                return Inbound(NAME, f"{address}", provider_id, text if isinstance(text, str) else "", "other")
    return None
