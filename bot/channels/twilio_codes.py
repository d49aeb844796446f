"""What Twilio's codes and words mean to us: data, with its sources.

Twilio asks nobody to build on its error codes, since they are split and moved now and then. So each is only put into a
category here, one that is not listed has none, and the raw code is kept with the message either way.

Sources: Twilio's error dictionary (twilio.com/docs/api/errors, read in November 2026) and, for its opt-out words,
twilio.com/docs/messaging/tutorials/advanced-opt-out and its help page on opt-out keywords.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from bot.channels.base import Mark

ProviderWord = Literal["", "stop", "start", "help"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says. `later`: the same message may go through at another time. `why` is Swedish, for staff."""

    kind: Literal["later", "never"]
    why: str
    mark: Mark = ""
    whole_channel: bool = False
    retry_after: float | None = None


_ROWS: tuple[tuple[Meaning, str], ...] = (
    # The person, or their phone.
    (
        Meaning("never", "Personen har skrivit STOP till Twilio, och bara START därifrån öppnar igen.", "opted_out"),
        "21610",
    ),
    (
        Meaning("never", "Numret finns inte eller kan inte ta emot sms.", "blocked"),
        "21211 21214 21217 21265 21266 21614 21635 30005 30006",
    ),
    (Meaning("never", "Telefonen eller operatören tar inte emot våra sms.", "blocked"), "30004"),
    (Meaning("later", "Telefonen gick inte att nå: avstängd eller utan täckning."), "30003"),
    # The text, or where it goes.
    (Meaning("never", "Meddelandet är för långt för ett sms."), "21605 21617 30044"),
    (Meaning("never", "Meddelandet är tomt."), "21602 21619"),
    (Meaning("never", "Operatören stoppade texten som skräppost."), "30007"),
    (Meaning("never", "Meddelandet hann bli för gammalt hos Twilio."), "30036"),
    (Meaning("never", "Vårt konto hos Twilio får inte skicka till det landet."), "21408"),
    (Meaning("never", "Numret går inte att nå från vårt nummer."), "21612"),
    (Meaning("never", "Provkontot hos Twilio skickar bara till nummer som är godkända där."), "21608"),
    # The road there.
    (Meaning("later", "Operatören tog inte emot meddelandet just då."), "30001 30008 30017 30410"),
    (Meaning("later", "Twilio hinner inte med just nu.", whole_channel=True), "20429 21611"),
    (
        Meaning("later", "Kontots gräns för ett dygn hos Twilio är nådd.", whole_channel=True, retry_after=3_600),
        "63038",
    ),
    # Our account: no message's fault, so none fails for it. All wait until it is mended.
    (Meaning("later", "Twilio godtar inte våra inloggningsuppgifter.", whole_channel=True), "20003 20006 20008 20404"),
    (Meaning("later", "Vårt konto hos Twilio är avstängt.", whole_channel=True), "10001 20005 30002"),
    # Our sender. It may hold for one country only, so it stops nobody else's messages.
    (
        Meaning("later", "Vårt avsändarnummer är fel inställt."),
        "21212 21601 21603 21606 21609 21659 21660 21661 21701 21703 21704 21705",
    ),
)

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {code: meaning for meaning, codes in _ROWS for code in codes.split()}
)
"""What is known of each code that we act on."""

UNKNOWN = Meaning("never", "Twilio tog inte emot meddelandet.")
"""For a code that nobody has listed: Twilio has answered no, and the same bytes would get the same answer."""

WORDS: Mapping[str, ProviderWord] = MappingProxyType(
    {
        **dict.fromkeys("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split(), "stop"),
        **dict.fromkeys("START YES UNSTOP".split(), "start"),
        **dict.fromkeys("HELP INFO".split(), "help"),
    }
)
"""The words that Twilio itself obeys when they are a whole message, in any case of letters. It knows no STOPP."""


def word_of(text: str) -> ProviderWord:
    """Tell what Twilio makes of a message: only a bare word counts ("STOP PLEASE" does nothing there)."""
    return WORDS.get(text.strip().upper(), "")
