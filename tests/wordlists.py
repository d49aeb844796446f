"""The word lists, compiled once a process for all tests: that takes half a second a language."""

from functools import cache

from flows.lexicon import Lexicon
from ingang.tuning import making_much
from messages.words import load_words


@cache
def lexicon(language: str = "sv") -> Lexicon:
    """Give the words of a language. They are never changed."""
    with making_much():
        return Lexicon.from_data(load_words(language))
