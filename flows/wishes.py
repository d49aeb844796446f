"""Small wishes outside the talks: a greeting, and whether "a human" means a phone call."""

from __future__ import annotations

from functools import cache

from flows.lexicon import Lexicon
from flows.text import fold, squeeze


def greets(text: str, lexicon: Lexicon) -> bool:
    """Whether the text is a greeting and nothing else."""
    return squeeze(fold(text)).strip(" ,.!") in {
        _plain(word) for word in lexicon.extra.get("wishes", {}).get("greetings", ())
    }


def wants_a_call(text: str, lexicon: Lexicon) -> bool:
    """Whether a wish to talk with someone is a wish to be rung."""
    words = set(squeeze(fold(text)).split())
    return any(_plain(word) in words for word in lexicon.extra.get("wishes", {}).get("call", ()))


@cache
def _plain(word: str) -> str:
    return squeeze(fold(word)).strip(" ,.!")
