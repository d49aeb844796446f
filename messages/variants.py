"""A unit's own words for a message: plain text with {förnamn}-like fields, never a template.

    editable(message)   the template as such a text, with its fields; or why a unit cannot word it
    Variant             a unit's text, read: `write` fills it in

What a field holds is still the template's own doing; a unit's text is only ever copied. See messages/fields.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from jinja2 import Environment

from messages.fields import BREAK, Field, NotEditableError, Piece, pieces
from messages.filters import up

LONGEST: Final = 1_000
LOCKED_FLOWS: Final = frozenset({"first_care", "joining"})
LOCKED: Final = frozenset(
    {
        "self_referral/welcome",
        "self_referral/welcome_back",
        "self_referral/minor",
        "self_referral/under_15",
        "for_someone_else/knows",
        "talk/help",
        "talk/help_who",
    }
)
"""Distress, STOPP, who reads, protected identity, codes: the same words for everybody."""

ABOUT_CARE: Final = (
    "Den här texten handlar om akut hjälp, om STOPP, om vem som läser eller om en kod. Den är lika för alla."
)
HAS_CONDITIONS: Final = "Den här texten ändrar sig själv på sätt som inte går att skriva som fält."

_FIELD: Final = re.compile(r"\{([^{}]*)\}")
_SHOUTED: Final = re.compile(r"\b[A-ZÅÄÖ]{2,}(?: [A-ZÅÄÖ]{2,})*\b")
_SPACE: Final = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Editable:
    """A message as a unit may word it: the project's own text, its fields, and the words that one answers with."""

    name: str
    text: str
    fields: Mapping[str, Field]
    shouted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Locked:
    """A message that a unit cannot word, and why, in Swedish."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A unit's own text, read. `version` tells which words they are."""

    name: str
    text: str
    version: str
    parts: tuple[Piece, ...]

    def write(self, given: Mapping[str, Any]) -> str:
        """Fill the fields in; the text is to be tidied as a template's is."""
        out = ""
        for part in self.parts:
            if isinstance(part, str):
                out += part
                continue
            field, begins = part
            value = "".join(field.fragment.root_render_func(field.fragment.new_context(dict(given), shared=True)))
            said = value.strip(" \n")
            if not said or said[0] in ",.":
                out = out.rstrip(" ")  # "Hej {förnamn}." without a name has no space before the stop
            out += up(value.lstrip(" \n")) if begins else value
        return out


def version_of(text: str) -> str:
    """Give what stands beside a message that was written in these words; "u" for a unit's own."""
    return f"u{sha256(text.encode()).hexdigest()[:8]}"


def editable(name: str, source: str, environment: Environment) -> Editable | Locked:
    """Give a message as a unit may word it, from its template."""
    if name in LOCKED or name.partition("/")[0] in LOCKED_FLOWS:
        return Locked(name, ABOUT_CARE)
    try:
        found = list(pieces(environment, source.replace("\n", " ")))
    except NotEditableError:
        return Locked(name, HAS_CONDITIONS)
    fields: dict[str, Field] = {}
    text = ""
    for piece in found:
        if isinstance(piece, str):
            text += piece
            continue
        field, begins = piece
        fields.setdefault(field.key, field)
        text += f"{{{up(field.known.name) if begins else field.known.name}}}"
    lines = [" ".join(part.split()) for part in text.split(BREAK)]
    shown = "\n\n".join(line for line in lines if line)
    return Editable(name, shown, fields, tuple(dict.fromkeys(_SHOUTED.findall(shown))))


def tidy_text(text: str) -> str:
    """Give what was typed as it is kept: composed letters, plain spaces, no signs that cannot be seen."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs"))
    lines = [_SPACE.sub(" ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()


def read(base: Editable, text: str) -> Variant:
    """Read a unit's text for the message. Raises ValueError when `faults` finds any."""
    found = list(faults(base, text))
    if found:
        raise ValueError(found[0])
    parts: list[Piece] = []
    for number, part in enumerate(_FIELD.split(text)):
        if number % 2:
            wanted = part.strip()
            parts.append((base.fields[wanted.casefold()], wanted[:1].isupper()))
        elif part:
            parts.append(re.sub(r"\n+", f" {BREAK} ", part))
    return Variant(base.name, text, version_of(text), tuple(parts))


def faults(base: Editable, text: str) -> Iterator[str]:
    """What keeps a text from being used at all, in Swedish: unknown or missing fields, lost answers, its length."""
    if not text:
        yield "Texten är tom."
        return
    if len(text) > LONGEST:
        yield f"Texten har {len(text)} tecken. Den får ha högst {LONGEST}."
    used = [part.strip().casefold() for part in _FIELD.findall(text)]
    for name in dict.fromkeys(used):
        if name not in base.fields:
            yield f"Fältet {{{name}}} finns inte i den här texten. {_the_fields(base)}"
    for key, field in base.fields.items():
        if field.known.required and key not in used:
            yield f"Fältet {{{field.known.name}}} måste vara med. {field.known.about}"
    if re.search(r"[{}]", _FIELD.sub("", text)):
        yield "Tecknen { och } används bara runt ett fält."
    shouted = set(_SHOUTED.findall(text))
    for word in base.shouted:
        if word not in shouted:
            yield f"{word} måste stå kvar med stora bokstäver: det är så man svarar."


def new_words(base: Editable, text: str) -> list[str]:
    """Give words in capitals that the project's own text does not have: the bot may not know them as answers."""
    return [word for word in dict.fromkeys(_SHOUTED.findall(text)) if word not in base.shouted]


def _the_fields(base: Editable) -> str:
    if not base.fields:
        return "Texten har inga fält."
    return f"Fälten är: {', '.join(f'{{{field.known.name}}}' for field in base.fields.values())}."
