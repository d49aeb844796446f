"""The poster: what stands on it, and what its codes hold. `staff/poster_pdf.py` draws it.

A code carries the unit and the poster's own word ("alvsbyn_coop"), so that a sign-up tells which poster led to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from bot.actions.talks import GREETING, poster_of
from flows.answers import command, read_reply, signals
from flows.lexicon import Lexicon
from flows.self_referral import OLDEST, YOUNGEST
from messages.catalog import Catalog
from messages.poster import fill, poster_words
from messages.words import load_words
from staff.people import DeskFault
from storage import units
from storage.db import Store
from storage.units import Unit

LONGEST: Final = 64
"""Characters that Telegram lets a deep link carry; a-z, A-Z, 0-9, _ and - (its documentation of deep links)."""

WHERE: Final = "affischen"
_SETTINGS: Final = "fyll i det på sidan Inställningar"


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways in that are set up: the bot's name at Telegram, the number as +46..., the chat's address. "": none."""

    bot: str = ""
    number: str = ""
    chat: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """One code: what it is called, what it holds, what stands under it, and what a screen reader says of it."""

    name: str
    holds: str
    under: tuple[str, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Poster:
    """All of it. `source` is the unit and the poster's word; `words` the lines of messages/sv/poster.toml."""

    unit: str
    source: str
    words: Mapping[str, Any]
    codes: tuple[Code, ...]


def make_poster(unit: Unit, source: str, ways: Ways) -> Poster:
    """Put a unit's poster together. Raises DeskFault when something that must stand there is missing.

    `source` is where it will hang, in anybody's words: "Coop Forum" becomes "coop-forum".
    """
    facts = _facts(unit)
    word = source_word(unit.slug, source)
    codes = tuple(_codes(word, ways, poster_words(facts)))
    if not codes:
        way_out = "sätt upp SMS, Telegram eller web.public_url i inställningarna"
        raise DeskFault("det finns ingen väg att skriva till er", WHERE, way_out)
    return Poster(unit.name, word, poster_words(facts), codes)


def find_unit(store: Store, slug: str) -> Unit:
    """Give a unit by its short name; DeskFault, which names those that there are, when there is none."""
    with store.read() as tx:
        found, known = units.find_by_slug(tx, slug), units.list_units(tx)
    if found is None:
        there_are = ", ".join(each.slug for each in known) or "inga"
        raise DeskFault(f"ingen enhet heter {slug!r}", "--unit", f"de som finns: {there_are}")
    return found


def source_word(slug: str, source: str) -> str:
    """Give what the codes carry: "alvsbyn_coop-forum". Raises DeskFault for a word that cannot be used, and says why.

    Å, ä and ö lose their dots and other signs become dashes. A word that the bot would hear as something else ("stopp")
    is refused: it reads the message that carries it.
    """
    plain = unicodedata.normalize("NFKD", source.casefold().replace("ø", "o").replace("æ", "a"))
    word = re.sub(r"[^a-z0-9_]+", "-", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip("-_")
    if not word:
        raise DeskFault(f"{source!r} har inga bokstäver eller siffror", "--source", "skriv var den ska hänga: coop")
    room = LONGEST - len(slug) - 1
    if len(word) > room:
        raise DeskFault(f"{word!r} är {len(word)} tecken", "--source", f"skriv högst {room} tecken")
    whole = f"{slug}_{word}"
    for text in (f"/start {whole}", f"{GREETING} {whole}"):
        if poster_of(text, [slug]) != whole or _heard_as_more(text):
            raise DeskFault(f"boten skulle höra ordet {word!r} som något annat", "--source", "välj ett annat ord")
    return whole


def _heard_as_more(text: str) -> bool:
    words = _lexicon()
    heard = read_reply(text, None, words)
    usual = "start" if text.startswith("/") else "unclear"
    return heard.meaning != usual or bool(heard.also or heard.look or signals(text, words) or command(text, words))


@cache
def _lexicon() -> Lexicon:
    return Lexicon.from_data(load_words("sv"))


def _facts(unit: Unit) -> dict[str, Any]:
    phone, address = (str(unit.settings.get(name) or "").strip() for name in ("phone", "address"))
    for given, what in ((phone, "ett telefonnummer"), (address, "en adress"), (unit.name.strip(), "ett namn")):
        if not given:
            raise DeskFault(f"enheten {unit.slug} har inte {what}", WHERE, _SETTINGS)
    municipality = Catalog.load().books["sv"].words.municipality(unit.municipality)
    return {
        "unit": unit.name,
        "municipality": municipality,
        "phone": phone,
        "address": address,
        "youngest": YOUNGEST,
        "oldest": OLDEST,
    }


def _codes(word: str, ways: Ways, lines: Mapping[str, Any]) -> list[Code]:
    """The ways that are set up, the nearest at hand first."""
    made = []
    if ways.number:
        made.append(("sms", sms_link(ways.number, f"{GREETING} {word}"), {"number": _read_aloud(ways.number)}))
    if ways.bot:
        made.append(("telegram", f"https://t.me/{ways.bot}?start={word}", {"bot": ways.bot}))
    if ways.chat:
        chat = f"{ways.chat.rstrip('/')}/chatt"
        made.append(("chat", f"{chat}?start={word}", {"address": re.sub(r"^https?://(www\.)?", "", chat)}))
    return [
        Code(
            lines["ways"][way],
            holds,
            tuple(fill(line, facts) for line in lines["under"][way]),
            fill(lines["code"][way], facts),
        )
        for way, holds, facts in made
    ]


def sms_link(number: str, text: str) -> str:
    """Give the address that opens an SMS with a text in it, on both sorts of phone.

    RFC 5724 has "?body="; iPhones have wanted "&body=" since iOS 8. An empty first field satisfies both.
    """
    return f"sms:{number}?&body={quote(text, safe='')}"


def _read_aloud(number: str) -> str:
    """A number as it is read in Sweden: 070-174 06 05; a foreign one in whole."""
    import phonenumbers
    from phonenumbers import PhoneNumberFormat

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException as error:
        raise DeskFault(f"{number!r} är inget nummer", "--sms", "skriv det som +46701740605") from error
    if not phonenumbers.is_valid_number(parsed):
        raise DeskFault(f"{number!r} är inget nummer", "--sms", "skriv det som +46701740605")
    swedish = parsed.country_code == 46
    return phonenumbers.format_number(
        parsed, PhoneNumberFormat.NATIONAL if swedish else PhoneNumberFormat.INTERNATIONAL
    )
