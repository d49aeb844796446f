"""What a licensed text is like as an SMS, said beside the item: the words are the licence's, so nothing is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from messages.catalog import MOST_SEGMENTS, Catalog
from messages.scales import Scale
from messages.sms import measure

ITEM: Final = "session_feedback/item"
_FIRST: Final = {"bot": "Ingång", "first_today": True}
"""At worst an item is the first message of its day, and says who we are."""


def as_sms(catalog: Catalog, scale: Scale, words: Mapping[str, str], now: datetime) -> dict[str, list[str]]:
    """Say of each item, by its key, what ails it as an SMS: its length, its signs, words that others should not read.

    `words` are the texts by "key_word", as in their form. An item that lacks any has nothing said of it.
    """
    said = {}
    for number, key in enumerate(scale.keys, start=1):
        item = {word: words.get(f"{key}_{word}", "") for word in ("question", "low", "high")}
        if all(item.values()):
            facts = {**_FIRST, **item, "n": number, "many": len(scale.keys)}
            said[key] = _remarks(catalog, catalog.render(ITEM, style="sms", facts=facts, now=now).text)
    return said


def _remarks(catalog: Catalog, text: str) -> list[str]:
    size, found = measure(text), []
    if size.encoding != "GSM-7":
        dear = "".join(dict.fromkeys(sign for sign in text if measure(sign).encoding != "GSM-7"))
        found.append(f"Som sms blir frågan dyrare: {dear} finns inte bland de vanliga tecknen.")
    if size.segments > MOST_SEGMENTS:
        found.append(f"Som sms blir frågan {size.segments} delar. Fler än {MOST_SEGMENTS} är för många.")
    told = dict.fromkeys(finding.words for finding in catalog.guard.findings(text))
    return found + [f"Som sms kan någon annan läsa ”{words}”." for words in told]
