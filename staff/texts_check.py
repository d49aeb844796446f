"""A unit's own text tried as the project's own are: with made-up people, on each channel, by the same rules.

What must not go out, or cannot be answered, stops it; what is only heavy to read is advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from messages.catalog import MOST_SEGMENTS, Catalog, Style
from messages.checks import MOST_LIX, MOST_WORDS, STYLES, Fault, Sample, StyleRules, text_faults, worst
from messages.lix import lix
from messages.samples import NOW, worlds
from messages.sms import measure
from messages.variants import Editable, Variant, new_words

STOPS: Final = frozenset(
    {"guard", "words", "too long or dear an sms", "more than one question", "a word of the provider"}
)
LONGEST_TRY: Final = 3_000
"""So many made-up worlds are tried at most, spread over them all: a page must answer within a second or two."""

_SAID: Final = {
    "guard": "{found} får inte stå i ett meddelande: någon annan kan läsa det.",
    "words": "Ordet går inte: {found}.",
    "too long or dear an sms": "Texten blir mer än två sms, eller har tecken som gör sms dyra.",
    "more than one question": "Fråga en sak åt gången.",
    "a word of the provider": "{found} är ett ord som leverantören stoppar sms för.",
    "too long a sentence": f"En mening har mer än {MOST_WORDS} ord: {{found}}",
    "inverted condition": "Skriv ”om du vill” i stället för: {found}",
    "untidy": "Något ser ovårdat ut: {found}",
    "too loud": "Ett utropstecken räcker.",
    "name too often": "Säg namnet en gång.",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What was found. `stops`: the text cannot be kept like this."""

    stops: bool
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """How a text looks on one kind of channel, to a made-up person; the worst case is that of the longest names.

    `length` is in signs, `worst_length` in the units that SMS are counted in.
    """

    style: Style
    text: str
    buttons: tuple[str, ...]
    length: int
    segments: int
    worst_segments: int
    worst_length: int
    lix: float


def shown(catalog: Catalog, name: str, own: Variant | None) -> list[Shown]:
    """Give how the message looks, in the project's own words when `own` is None."""
    return [_shown(catalog, name, own, style) for style in STYLES]


def first_look(catalog: Catalog, name: str) -> str:
    """Give a message in the project's own words, as an SMS to a made-up person."""
    message = catalog.find(name)
    facts = next(worlds(name, message.fields, catalog.books[message.language].help_lines, long_lists=False))
    return catalog.render(name, style="sms", facts=facts, now=NOW).text


def _shown(catalog: Catalog, name: str, own: Variant | None, style: Style) -> Shown:
    tried = _samples(catalog, name, own, style)
    first, longest = tried[0], measure(worst(tried).text)
    buttons = tuple(button.label for button in first.rendered.buttons)
    size = measure(first.text)
    return Shown(
        style, first.text, buttons, len(first.text), size.segments, longest.segments, longest.units, lix([first.text])
    )


def remarks(catalog: Catalog, base: Editable, own: Variant) -> list[Remark]:
    """Give what the rules say of a unit's text, what stops it first; each thing once."""
    found: dict[Remark, None] = {}
    for style in STYLES:
        for fault in _faults(catalog, base.name, own, style):
            found.setdefault(_said(fault))
    if _too_long_with_our_name(catalog, base.name, own):
        found.setdefault(Remark(True, "Texten blir mer än två sms när den börjar med vårt namn, dagens första gång."))
    first = _samples(catalog, base.name, own, "chat")[0]
    heavy = lix([first.text])
    if heavy > MOST_LIX:
        found.setdefault(Remark(False, f"Texten är tung att läsa: LIX {heavy:.0f}. Sikta på högst {MOST_LIX}."))
    for word in new_words(base, own.text):
        found.setdefault(Remark(False, f"{word} står med stora bokstäver. Boten kanske inte kan det ordet som svar."))
    return sorted(found, key=lambda remark: not remark.stops)


def _faults(catalog: Catalog, name: str, own: Variant, style: Style) -> Iterator[Fault]:
    seen: set[str] = set()
    for sample in _samples(catalog, name, own, style):
        if sample.text not in seen:
            seen.add(sample.text)
            yield from text_faults(catalog, _rules(), name, style, sample)


def _too_long_with_our_name(catalog: Catalog, name: str, own: Variant) -> bool:
    facts = {**worst(_samples(catalog, name, own, "sms")).facts, "first_today": True}
    first = catalog.render(name, style="sms", facts=facts, now=NOW, variants={name: own})
    return measure(first.text).segments > MOST_SEGMENTS


def _said(fault: Fault) -> Remark:
    return Remark(fault.rule in STOPS, _SAID.get(fault.rule, "{found}").format(found=_told(fault)))


def _told(fault: Fault) -> str:
    if fault.rule in ("guard", "words"):
        return "”" + fault.found.partition("'")[2].partition("'")[0] + "”"
    return fault.found.partition(": ")[2] if fault.rule == "too long a sentence" else fault.found


@lru_cache(maxsize=16)
def _samples(catalog: Catalog, name: str, own: Variant | None, style: Style) -> tuple[Sample, ...]:
    """The message rendered for made-up people, the ordinary one first; remembered, for a page asks several times."""
    message = catalog.find(name)
    variants = {} if own is None else {name: own}
    every = list(worlds(name, message.fields, catalog.books[message.language].help_lines))
    return tuple(
        Sample(facts, catalog.render(name, style=style, facts=facts, now=NOW, variants=variants))
        for facts in every[:: max(1, len(every) // LONGEST_TRY)]
    )


@cache
def _rules() -> StyleRules:
    return StyleRules("sv")
