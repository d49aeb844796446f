"""What Telegram sends, as it sends it, and what we read in it. The payloads have the Bot API's shapes."""

from __future__ import annotations

import copy
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import CUT, LONGEST_IN, NOT_TEXT, Inbound, Presence
from bot.channels.telegram_updates import read
from flows.asks import Context, PhoneNumber, Understood
from tests import wordlists
from tests.servers.telegram_api import DAY, KIM

# What cannot be read is told, and drawing its traceback takes longer than the test.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

BOT = "7012345678"
ADDRESS = f"{KIM}"
PERSON = {"id": KIM, "is_bot": False, "first_name": "Kim", "last_name": "O", "username": "kim", "language_code": "sv"}
ROOM = {"id": KIM, "first_name": "Kim", "last_name": "O", "username": "kim", "type": "private"}
GROUP = {"id": -1001234567890, "title": "Klassen", "type": "supergroup"}
FILE = {"file_id": "AgACAgQAAxkBAAIB", "file_unique_id": "AQADx7", "file_size": 1234}
MINE = {"phone_number": "46701740605", "first_name": "Kim", "user_id": KIM}
THEIRS = {
    "phone_number": "+46701740699",
    "first_name": "Robin",
    "user_id": 555,
    "vcard": "BEGIN:VCARD\nTEL:+46701740699",
}


def message(**parts: Any) -> dict[str, Any]:
    return {"message_id": 364, "from": PERSON, "chat": ROOM, "date": DAY, **parts}


def update(**parts: Any) -> dict[str, Any]:
    return {"update_id": 871_234_001, **parts}


def came(**parts: Any) -> Inbound | Presence | None:
    """What is read of an update, which stays as it was."""
    raw = update(**parts)
    before = copy.deepcopy(raw)
    found = read(raw, BOT)
    assert raw == before
    return found


def wrote(**parts: Any) -> Inbound | Presence | None:
    return came(message=message(**parts))


# --- words ------------------------------------------------------------------------------------------------------------


def test_a_text_comes_in_whole() -> None:
    found = wrote(text="hej såg lappen på coop 👍")
    assert found == Inbound(
        "telegram", ADDRESS, f"{BOT}:871234001", "hej såg lappen på coop 👍", "text",
        datetime.fromtimestamp(DAY, UTC) + timedelta(milliseconds=999),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("/start alvsbyn_affisch", "/start alvsbyn_affisch"),
        ("/start", "/start"),
        ("/stopp@ingang_bot", "/stopp"),
        ("/start@ingang_bot alvsbyn_affisch", "/start alvsbyn_affisch"),
        ("/mina_uppgifter", "/mina_uppgifter"),
        ("kim@example.se", "kim@example.se"),
        ("mejla /kim@example.se", "mejla /kim@example.se"),
        ("/", "/"),
    ],
)
def test_commands_come_as_they_are_read(text: str, read_as: str) -> None:
    entities = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
    found = wrote(text=text, entities=entities)
    assert isinstance(found, Inbound)
    assert (found.kind, found.text) == ("text", read_as)


@pytest.mark.parametrize(
    "beside",
    [
        {"effect_id": "5107584321108051014"},
        {"reply_to_message": message(text="Hej Kim.")},
        {"sender_boost_count": 1},
        {"link_preview_options": {"is_disabled": True}},
        {"forward_origin": {"type": "hidden_user", "sender_user_name": "Robin", "date": DAY}},
        {"something_new_in_2031": {"x": [1, 2]}},
        {"from": None},
    ],
)
def test_what_comes_beside_a_text_does_not_matter(beside: dict[str, Any]) -> None:
    found = wrote(text="stopp", **beside)
    assert isinstance(found, Inbound)
    assert (found.kind, found.text) == ("text", "stopp")


def test_a_long_text_is_cut_visibly() -> None:
    found = wrote(text="å" * 4096)
    assert isinstance(found, Inbound)
    assert len(found.text) == LONGEST_IN
    assert found.text.endswith(CUT)


# --- what is no text --------------------------------------------------------------------------------------------------

THUMB = {**FILE, "width": 90, "height": 90}
KINDS: list[tuple[str, dict[str, Any], str]] = [
    ("voice", {"voice": {**FILE, "duration": 7, "mime_type": "audio/ogg"}}, "voice"),
    ("photo", {"photo": [THUMB]}, "picture"),
    ("gif", {"animation": {**THUMB, "duration": 2}, "document": FILE}, "picture"),
    (
        "sticker",
        {"sticker": {**THUMB, "is_animated": False, "is_video": False, "type": "regular", "emoji": "👍"}},
        "sticker",
    ),
    ("place", {"location": {"latitude": 65.67, "longitude": 20.99}}, "place"),
    (
        "venue",
        {
            "venue": {"location": {"latitude": 65.67, "longitude": 20.99}, "title": "Coop", "address": "Storgatan"},
            "location": {"latitude": 65.67, "longitude": 20.99},
        },
        "place",
    ),
    ("somebody else", {"contact": THEIRS}, "contact"),
    ("somebody without Telegram", {"contact": {"phone_number": "+46701740699", "first_name": "R"}}, "contact"),
    ("song", {"audio": {**FILE, "duration": 180}}, "file"),
    ("file", {"document": {**FILE, "file_name": "cv.pdf"}}, "file"),
    ("film", {"video": {**THUMB, "duration": 4}}, "other"),
    ("round film", {"video_note": {**FILE, "length": 240, "duration": 4}}, "other"),
    ("dice", {"dice": {"emoji": "🎲", "value": 3}}, "other"),
    (
        "poll",
        {
            "poll": {
                "id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
                "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
            }
        },
        "other",
    ),
    ("story", {"story": {"chat": ROOM, "id": 3}}, "other"),
    ("new thing", {"hologram": {"x": 1}}, "other"),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "kind"), [pytest.param(parts, kind, id=name) for name, parts, kind in KINDS])
def test_what_is_no_text_comes_by_its_kind(parts: dict[str, Any], kind: str) -> None:
    found = wrote(**parts)
    assert isinstance(found, Inbound)
    assert (found.kind, found.text) == (kind, "")
    assert kind in NOT_TEXT


def test_the_words_beside_a_picture_come_along() -> None:
    found = wrote(photo=[THUMB], caption="jag vill dö")
    assert isinstance(found, Inbound)
    assert (found.kind, found.text) == ("picture", "jag vill dö")


def test_an_album_is_one_message() -> None:
    ids = set()
    for number in range(4):
        found = read({"update_id": number, "message": message(photo=[THUMB], media_group_id="13764")}, BOT)
        assert isinstance(found, Inbound)
        ids.add(found.provider_id)
    assert len(ids) == 1
    found = wrote(photo=[THUMB], media_group_id="13764", caption="hjälp")
    assert isinstance(found, Inbound)
    assert found.provider_id not in ids, "words are never taken for a copy"


def test_of_a_third_person_nothing_is_kept() -> None:
    assert "0699" not in repr(wrote(contact=THEIRS))
    assert "Robin" not in repr(wrote(contact=THEIRS))


@pytest.mark.parametrize("number", ["46701740605", "+46701740605", "+46 70 174 06 05"])
def test_ones_own_number_answers_the_question_for_it(number: str) -> None:
    found = wrote(contact={**MINE, "phone_number": number})
    assert isinstance(found, Inbound)
    assert found.kind == "text"
    context = Context(wordlists.lexicon(), 2026)
    assert PhoneNumber().read(found.text, context) == Understood("+46701740605")


@pytest.mark.parametrize(
    "service",
    [
        {"pinned_message": message(text="x")},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86_400}},
        {"write_access_allowed": {"from_request": True}},
        {"chat_background_set": {"type": {"type": "chat_theme", "theme_name": "🎄"}}},
    ],
)
@pytest.mark.filterwarnings("ignore:.*PTB_TIMEDELTA.*")
def test_what_telegram_notes_itself_is_nobodys_message(service: dict[str, Any]) -> None:
    assert wrote(**service) is None


def test_an_edited_text_is_marked() -> None:
    found = came(edited_message=message(text="torsdag i stället", edit_date=DAY + 40))
    assert isinstance(found, Inbound)
    assert (found.kind, found.text) == ("edited", "torsdag i stället")
    assert found.received_at == datetime.fromtimestamp(DAY + 40, UTC) + timedelta(milliseconds=999)


def test_an_edited_caption_is_marked_too() -> None:
    found = came(edited_message=message(photo=[THUMB], caption="vill dö", edit_date=DAY + 40))
    assert isinstance(found, Inbound)
    assert (found.kind, found.text) == ("edited", "vill dö")


def test_a_place_that_moves_is_said_once() -> None:
    moving = {"latitude": 65.6, "longitude": 20.9, "live_period": 900}
    assert isinstance(wrote(location=moving), Inbound)
    assert came(edited_message=message(location=moving, edit_date=DAY + 5)) is None


def _reaction(new: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "chat": ROOM, "message_id": 9, "user": PERSON, "date": DAY, "old_reaction": [], "new_reaction": new, **more,
    }  # fmt: skip


def test_a_reaction_comes_with_its_sign() -> None:
    found = came(message_reaction=_reaction([{"type": "emoji", "emoji": "👍"}]))
    assert isinstance(found, Inbound)
    assert (found.kind, found.text, found.address) == ("reaction", "👍", ADDRESS)
    found = came(message_reaction=_reaction([{"type": "custom_emoji", "custom_emoji_id": "53"}]))
    assert isinstance(found, Inbound)
    assert (found.kind, found.text) == ("reaction", "")


def test_a_reaction_taken_back_says_nothing() -> None:
    assert came(message_reaction=_reaction([], old_reaction=[{"type": "emoji", "emoji": "👍"}])) is None


# --- buttons ----------------------------------------------------------------------------------------------------------


def _press(**more: Any) -> dict[str, Any]:
    return {
        "id": "4382bfdwdsb323b2d9", "from": PERSON, "message": message(text="Får jag fråga?"), "chat_instance": "-51",
        "data": "7123:1:yes", **more,
    }  # fmt: skip


def test_a_press_comes_with_its_value() -> None:
    found = came(callback_query=_press())
    assert isinstance(found, Inbound)
    assert (found.kind, found.text, found.address) == ("button", "7123:1:yes", ADDRESS)
    assert found.received_at is None, "Telegram does not say when"
    assert found.extra == {"press": "4382bfdwdsb323b2d9"}


def test_a_press_under_an_old_message_counts() -> None:
    """Of a message that Telegram no longer shows only the chat is left."""
    found = came(callback_query=_press(message={"chat": ROOM, "message_id": 3, "date": 0}))
    assert isinstance(found, Inbound)
    assert (found.kind, found.address) == ("button", ADDRESS)


@pytest.mark.parametrize(
    "odd",
    [
        {"data": None, "game_short_name": "x"},
        {"message": None},
        {"message": {"chat": GROUP, "message_id": 3, "date": 0}},
    ],
)
def test_a_press_that_is_not_ours_is_left(odd: dict[str, Any]) -> None:
    assert came(callback_query=_press(**odd)) is None


# --- blocked and back -------------------------------------------------------------------------------------------------


def _member(old: str, new: str, chat: dict[str, Any] = ROOM) -> dict[str, Any]:
    bot = {"id": int(BOT), "is_bot": True, "first_name": "Ingång", "username": "ingang_bot"}
    ways: dict[str, dict[str, Any]] = {"kicked": {"until_date": 0}, "member": {}, "left": {}}
    was, is_now = ({"user": bot, "status": status, **ways[status]} for status in (old, new))
    return {"chat": chat, "from": PERSON, "date": DAY, "old_chat_member": was, "new_chat_member": is_now}


def test_blocked_and_back_are_seen() -> None:
    assert came(my_chat_member=_member("member", "kicked")) == Presence("telegram", ADDRESS, blocked=True)
    assert came(my_chat_member=_member("kicked", "member")) == Presence("telegram", ADDRESS, blocked=False)
    assert came(my_chat_member=_member("member", "left")) is None


# --- what is not for us -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [
        {"message": message(text="hej", chat=GROUP)},
        {"message": message(text="hej", chat={**GROUP, "type": "group"})},
        {"edited_message": message(text="hej", chat=GROUP)},
        {"channel_post": message(text="hej", chat={**GROUP, "type": "channel"})},
        {"my_chat_member": _member("left", "member", GROUP)},
        {"message_reaction": _reaction([{"type": "emoji", "emoji": "👍"}], chat=GROUP)},
        {"message": message(text="hej", **{"from": {**PERSON, "is_bot": True}})},
        {"poll_answer": {"poll_id": "1", "user": PERSON, "option_ids": [0], "option_persistent_ids": []}},
        {"inline_query": {"id": "1", "from": PERSON, "query": "hej", "offset": ""}},
        {"new_kind_of_update": {"chat": ROOM, "text": "hej"}},
        {},
    ],
    ids=lambda parts: "-".join(parts) or "nothing",
)
def test_only_private_chats_are_heard(parts: dict[str, Any]) -> None:
    assert came(**parts) is None


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"message": {"chat": ROOM, "text": "stopp"}}, "stopp"),
        ({"message": {"chat": ROOM, "text": "stopp", "date": "i går", "message_id": 1}}, "stopp"),
        ({"message": message(text=["stopp"])}, ""),
        ({"message": message(text="stopp", date=10**30)}, "stopp"),
        ({"message": {**message(photo="x"), "from": "Kim"}}, ""),
        ({"edited_message": {"chat": ROOM, "text": "stopp"}}, "stopp"),
        ({"callback_query": {"message": {"chat": ROOM}, "data": {}}}, ""),
    ],
)
def test_what_the_library_cannot_read_is_kept(parts: dict[str, Any], text: str) -> None:
    found = came(**parts)
    assert isinstance(found, Inbound)
    assert (found.kind, found.text, found.address) == ("other", text, ADDRESS)


@pytest.mark.parametrize("number", [None, "7", 7.0, True, []])
def test_an_update_without_a_number_is_left(number: object) -> None:
    assert read({"update_id": number, "message": message(text="hej")}, BOT) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["private", "group", "emoji", "kicked", "member", DAY, KIM]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["message_id", "from", "chat", "date", "text", "id", "type", "is_bot", "first_name", "contact", "photo",
             "caption", "user_id", "phone_number", "voice", "data", "message", "new_reaction", "old_reaction", "emoji",
             "new_chat_member", "old_chat_member", "status", "user", "entities", "reply_to_message", "edit_date",
             "media_group_id", "location", "sticker"]
        ),
        inner, max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip
PARTS = ("message", "edited_message", "callback_query", "my_chat_member", "message_reaction", "poll", "chat_member")


@given(st.dictionaries(st.sampled_from(PARTS), JSON, max_size=2))
def test_no_update_raises(parts: dict[str, Any]) -> None:
    found = read({"update_id": 7, **parts}, BOT)
    assert found is None or found.channel == "telegram"


@given(
    st.sampled_from([parts for _, parts, _ in KINDS]), st.dictionaries(st.sampled_from(["text", "caption"]), JSON), JSON
)
def test_no_broken_message_is_lost(parts: dict[str, Any], words: dict[str, Any], odd: Any) -> None:
    """In a private chat: whatever else is odd about it, that something came is known."""
    broken = message(**{**parts, **words, next(iter(parts)): odd})
    found = read({"update_id": 7, "message": broken}, BOT)
    assert isinstance(found, Inbound)
    assert found.address == ADDRESS
