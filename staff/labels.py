"""Swedish words for what the tables keep as codes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

from bot.actions.talks import poster_of
from rules.calendar import swedish_moment, to_local

WHO_DOES: Final = ("vi", "ni", "det", "man", "alla", "ungdomarna")
"""Words that come second in a title that goes on from a day: "lagar vi mat"."""

HIDDEN: Final = "Skyddade uppgifter"
NOBODY: Final = "(inget namn)"

ITEM: Final = {
    "distress": "Akut oro",
    "violence": "Våld",
    "protected": "Skyddade uppgifter",
    "outage": "Driftstörning: meddelanden går inte fram",
    "promise": "Löfte om svar",
    "silence": "Har inte svarat om sin tid",
    "meeting": "Om en tid",
    "how": "Hur gick det?",
    "message": "Meddelande",
    "callback": "Vill bli uppringd",
    "referral": "Anmälan",
    "rating": "Efter en träff",
    "undelivered": "Kom inte fram",
    "expired": "Hann inte gå ut",
    "other": "Annat",
}
ITEM_STATE: Final = {"open": "Öppet", "taken": "Taget", "closed": "Stängt"}
CLOSED: Final = {
    "answered": "svarat",
    "called": "ringt",
    "met": "träffat",
    "guided": "lotsat vidare",
    "duplicate": "dubblett",
    "done": "klart",
    "mended": "fungerar igen",
}
SOURCE: Final = {"self": "Personen själv", "relative": "Närstående", "partner": "Samverkan", "staff": "Medarbetare"}
REFERRAL_STATE: Final = {"new": "Väntar på svar", "answered": "Besvarad", "closed": "Avslutad"}
STATUS: Final = {
    "new": "Ny",
    "referred": "Anmäld",
    "active": "Pågår",
    "exited": "Avslutad",
    "outside": "Utanför målgruppen",
}
CHANNEL: Final = {
    "sms": "SMS",
    "telegram": "Telegram",
    "web": "Webbchatt",
    "terminal": "Terminal",
    "sim_sms": "SMS (demo)",
    "sim_telegram": "Telegram (demo)",
    "device": "Arbetstelefon (demo)",
}
AUTHOR: Final = {"person": "Personen", "bot": "Boten", "staff": "Medarbetare"}
SENT_STATE: Final = {
    "queued": "Köad",
    "sending": "Skickas",
    "uncertain": "Osäkert om den gick fram",
    "parked": "Väntar på er",
    "expired": "För sent, gick inte ut",
    "cancelled": "Stoppad, gick inte ut",
    "accepted": "Lämnad till leverantören",
    "sent": "Skickad",
    "delivered": "Framme",
    "undelivered": "Kom inte fram",
    "failed": "Gick inte att skicka",
}
HEARD: Final = {
    "text": "Text",
    "button": "Knapp",
    "voice": "Röst",
    "picture": "Bild",
    "sticker": "Klistermärke",
    "place": "Plats",
    "contact": "Kontaktkort",
    "file": "Fil",
    "edited": "Ändrat meddelande",
    "reaction": "Reaktion",
}
CHOICE: Final = {"informed": "Fick veta", "chose": "Valde", "consent": "Samtyckte"}
PURPOSE: Final = {"who_reads": "vilka som läser", "contact": "hur vi når personen"}
RATING_STATE: Final = {
    "asked": "Väntar",
    "begun": "Väntar",
    "answered": "Svarade",
    "partly": "Svarade på en del",
    "declined": "Ville inte",
    "expired": "Inget svar",
}
RATING_CLASS: Final = {
    "recovered": "Bättre, till riktmärket eller över",
    "improved": "Bättre",
    "no_change": "Ingen säker ändring",
    "deteriorated": "Sämre",
}
EXIT: Final = {
    "work": "Arbete",
    "studies": "Studier",
    "other_effort": "Annan insats",
    "back": "Tillbaka till den som remitterade",
    "moved": "Flyttat",
    "own_wish": "Eget önskemål",
    "no_contact": "Ingen kontakt",
    "other": "Annat",
}
COMING: Final = {
    "nudge": "Boten frågar en gång om personen vill fortsätta",
    "no_reply": "Boten går vidare utan svar",
    "start": "Ett samtal som väntar börjar",
}
PLAN: Final = {
    "confirmation": "Besked om tiden",
    "three_days": "Påminnelse tre dagar före",
    "day_before": "Påminnelse dagen före",
    "same_day": "Påminnelse samma dag",
    "silence": "Till er: personen har inte svarat",
    "how_did_it_go": "Till er: hur gick det?",
    "thank_you": "Tack",
    "missed": "Erbjudande om en ny tid",
    "we_failed": "Vi kom inte: erbjudande om en ny tid",
    "ring": "Till er: ring",
    "before": "Frågor före träffen",
    "after": "Frågor efter träffen",
    "what_changed": "Vad ni har gjort",
}
ROLE: Final = {
    "lasare": "Läsare",
    "handlaggare": "Handläggare",
    "samordnare": "Samordnare",
    "administrator": "Administratör",
    "dataskydd": "Dataskydd",
    "drift": "Drift",
}
ROLE_MEANS: Final = {
    "lasare": "läser, ändrar inget",
    "handlaggare": "läser, svarar och bokar",
    "samordnare": "som handläggare, och ansvarar för bemanning, inställningar och texter",
    "administrator": "konton och inställningar; ser inga personer och inga meddelanden",
    "dataskydd": "loggen över vem som har läst, och uttag; ser inga meddelanden",
    "drift": "hur programmet mår; ser inga personer",
}
ACCOUNT: Final = {
    "none": "Har inte bjudits in",
    "invited": "Inbjuden",
    "expired": "Inbjudan gick ut",
    "half": "Har inte kopplat appen",
    "ready": "Kan logga in",
    "left": "Har slutat",
}

SLOTS: Final = {
    "poster": "Kom via",
    "knows": "Personen det gäller vet om det",
    "worry": "Berättade",
    "help": "Vill ha hjälp med",
    "meet": "Vill ses så här",
    "reach": "Vill bli nådd",
    "easier": "Gör det lättare",
    "added": "Lade till",
}


def label(words: Mapping[str, str], code: str | None) -> str:
    """Give the Swedish word for a code; a code that has none stands as it is."""
    return "" if code is None else words.get(code, code)


def cut(text: str, longest: int) -> str:
    """Give how a text begins, on one line and ended at a word."""
    words = " ".join(text.split())
    return words if len(words) <= longest else f"{words[:longest].rsplit(' ', 1)[0]}\u00a0…"


@cache
def _options() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    return tomllib.loads((files("messages") / "sv" / "options.toml").read_text(encoding="utf-8"))


def option(set_name: str, key: str) -> str:
    """Give what a person chose, as it is said of them: ("help", "people") is "träffa folk"."""
    found = _options().get(set_name, {}).get(key)
    return key if found is None else str(found.get("of_them") or found["label"])


def options_of(set_name: str) -> list[tuple[str, str]]:
    """Give all that people choose among in a set, with its words: [("people", "träffa folk"), ...]."""
    return [(key, option(set_name, key)) for key in _options().get(set_name, {})]


def slot(name: str) -> str:
    """Give what one answer of a sign-up is called."""
    return SLOTS.get(name, name)


def answer(name: str, value: Any) -> str:
    """Give one answer of a sign-up in words: what was chosen, then the person's own words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, Mapping):
        chosen = ", ".join(option(name, str(key)) for key in value.get("chosen") or ())
        words = str(value.get("words") or "")
        return f"{chosen} – ”{words}”" if chosen and words else chosen or words
    return option(name, str(value))


LANGUAGE: Final[Mapping[str, str]] = {
    "sv": "svenska", "en": "engelska", "fi": "finska", "ar": "arabiska", "so": "somaliska", "ti": "tigrinska",
    "prs": "dari", "uk": "ukrainska",
}  # fmt: skip
"""A language by its code, as Swedes call it; others go by their code."""


def typed(text: str) -> str:
    """Give what a person wrote as it is read aloud: what a chat sends by itself when a link is opened, in words."""
    link = poster_of(text)
    return text if link is None else f"(kom genom länken {link})" if link else "(öppnade chatten)"


def sign_up_lines(details: Mapping[str, Any] | None, poster: str | None) -> Iterator[tuple[str, str]]:
    """Give a sign-up's answers as (label, words) in the order of the talk; nothing for those that were not given."""
    known = dict(details or {}) | ({"poster": poster} if poster else {})
    known.pop("unit", None)
    for name in dict.fromkeys((*SLOTS, *known)):
        words = answer(name, known.get(name))
        if words:
            yield slot(name), words


def activity(title: str) -> str:
    """Give what a group does as a heading: "lagar vi mat", as texts go on from a day, is "Vi lagar mat"."""
    verb, _, rest = title.strip().partition(" ")
    who, _, what = rest.partition(" ")
    turned = f"{who} {verb.lower()} {what}".strip() if who.lower() in WHO_DOES else title.strip()
    return turned[:1].upper() + turned[1:]


# --- time -------------------------------------------------------------------------------------------------------------


def moment(at: datetime | None, now: datetime) -> str:
    """Give a moment as it is said on the day of `now`: "i dag kl. 13.30"."""
    return "" if at is None else swedish_moment(at, to_local(now).date())


def stamp(at: datetime | None) -> str:
    """Give a moment as tables have it: "2026-11-25 13:30", Swedish time."""
    return "" if at is None else f"{to_local(at):%Y-%m-%d %H:%M}"


def month(at: datetime) -> str:
    """Give only the month: "2026-11"."""
    return f"{to_local(at):%Y-%m}"


def iso(at: datetime | None) -> str | None:
    """Give a moment for machines: ISO 8601, UTC."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def lasted(span: timedelta) -> str:
    """Give how long something has waited: "5 min", "3 tim", "2 dagar". Whole units, rounded down."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} tim"
    days = minutes // (24 * 60)
    return f"{days} dag" if days == 1 else f"{days} dagar"
