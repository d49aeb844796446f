"""Which poster led here: it must reach the sign-up, whatever way the person came in by."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import conversation
from bot.actions.talks import poster_among, poster_of
from bot.channels.base import Inbound
from storage.db import Store
from storage.tables import referrals
from tests.town import Phone, Town

SLUGS = ("alvsbyn", "ovre-norrland")
REST = ("ja", "Kim", "2003", "klar")


def came_by(town: Town) -> list[str | None]:
    with town.store.read() as tx:
        return [row.poster for row in tx.execute(select(referrals.c.poster).order_by(referrals.c.id))]


def finishes(phone: Phone) -> None:
    for words in REST:
        phone.writes(words)
    if phone.standing().talk:
        phone.writes("ja")


def test_a_deep_link_tells(store: Store) -> None:
    town = Town(store)
    phone = town.phone("sim_telegram", "chat:1")
    phone.writes("/start alvsbyn_coop")
    finishes(phone)
    assert came_by(town) == ["alvsbyn_coop"]


@pytest.mark.parametrize(
    "words",
    ["Hej alvsbyn_coop", "hej alvsbyn_coop", "Hej alvsbyn_coop.", "alvsbyn_coop", "Hej Alvsbyn_coop! Såg lappen"],
)
def test_an_sms_tells_and_names_the_unit(store: Store, words: str) -> None:
    town = Town(store)
    phone = town.phone()
    (welcome, *_) = phone.writes(words)
    assert "Älvsbyns kommun" in welcome
    finishes(phone)
    assert came_by(town) == ["alvsbyn_coop"]


def test_the_web_chat_tells_whether_one_presses_or_writes(store: Store) -> None:
    town = Town(store)
    for at, text in enumerate(("/start alvsbyn_coop", "hej, såg er lapp")):
        phone = town.phone("web", f"chat:{at}")
        extra = {"poster": "alvsbyn_coop"}
        conversation.take_turn(store, town.house, Inbound("web", phone.address, f"w{at}", text, extra=extra), town.now)
        town.send()
        finishes(phone)
    assert came_by(town) == ["alvsbyn_coop", "alvsbyn_coop"]


def test_who_writes_for_someone_else_brings_it_too(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej alvsbyn_coop min lillebror sitter bara hemma")
    for words in ("nej", "ja", "Mia", "han är ledsen"):
        phone.writes(words)
    assert came_by(town) == ["alvsbyn_coop"]


def test_without_a_poster_there_is_none(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("hej såg lappen på coop i Älvsbyn")
    for words in ("ja", "Kim", "2003", "1", "klar", "ja"):
        phone.writes(words)
    assert came_by(town) == [None]


def test_the_code_scanned_again_asks_the_open_question_anew(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes("Hej alvsbyn_coop")
    asked = phone.writes("ja")
    assert phone.writes("Hej alvsbyn_bibliotek") == asked
    assert phone.standing().talk.question == "name"  # type: ignore[union-attr]


def test_after_stopp_the_posters_words_open_nothing(store: Store) -> None:
    """The prefilled words are no BÖRJA: whoever has said stop is asked nothing, and staff read what came."""
    town = Town(store)
    phone = town.phone()
    phone.writes("stopp")
    assert phone.writes("Hej alvsbyn_coop") == []
    assert phone.standing().opted_out_at is not None


@pytest.mark.parametrize(
    ("text", "poster"),
    [
        ("Hej alvsbyn_coop", "alvsbyn_coop"),
        ("HEJ, ovre-norrland_buss-4_b", "ovre-norrland_buss-4_b"),
        ("alvsbyn_coop", "alvsbyn_coop"),
        ("/start", ""),
        ("/start lulea_coop", "lulea_coop"),
        ("Hej lulea_coop", None),
        ("Hej alvsbyn coop", None),
        ("Hej alvsbyn_", None),
        ("Hej alvsbyn_coop tack", None),
        ("nej alvsbyn_coop", None),
        (f"alvsbyn_{'x' * 57}", None),
        ("alvsbyn_kööp", None),
        ("Hej", None),
        ("", None),
    ],
)
def test_only_the_posters_own_words_are_a_poster(text: str, poster: str | None) -> None:
    assert poster_of(text, SLUGS) == poster


def test_only_a_word_with_the_units_slug_is_taken_from_among_others() -> None:
    assert poster_among("Hej! jag såg alvsbyn_coop, hur gör man", SLUGS) == "alvsbyn_coop"
    assert poster_among("Kim_Larsson bor i alvsbyn", SLUGS) is None


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("hej", "self"),
        ("min son sitter hemma hela dagarna", "relative"),
        ("Hej, jag är kurator på gymnasiet och har en elev som hoppat av", "partner"),
    ],
)
def test_who_wrote_is_kept(store: Store, words: str, source: str) -> None:
    town = Town(store)
    phone = town.phone()
    phone.writes(words)
    for answer in ("ja", "Kim", "2003", "1", "klar", "ja") if source == "self" else ("ja", "ja", "Lena", "1", "hemma"):
        phone.writes(answer)
    with store.read() as tx:
        assert [row.source for row in tx.execute(select(referrals.c.source))] == [source]
