"""Small wishes outside the talks: a greeting, whether "a human" means a phone call, why we ask."""

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
    return _has_one_of("call", text, lexicon)


def asks_why(text: str, lexicon: Lexicon) -> bool:
    """Whether a question to us is why we ask."""
    return _has_one_of("why", text, lexicon)


def _has_one_of(wish: str, text: str, lexicon: Lexicon) -> bool:
    words = {word.strip(" ,.!?") for word in squeeze(fold(text)).split()}
    return any(_plain(word) in words for word in lexicon.extra.get("wishes", {}).get(wish, ()))


@cache
def _plain(word: str) -> str:
    return squeeze(fold(word)).strip(" ,.!")
