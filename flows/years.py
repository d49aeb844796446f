"""The year a person was born, out of digits, a date, an age or words; and the masking of identity numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flows.lexicon import Lexicon
from flows.numbers import number_words, phrases
from flows.tokens import Token, plain_digits, remembered, tidy, tokenise

OLDEST: Final = 110
LIKELY: Final = range(10, 61)  # the ages that decide the century of two digits
AUDIENCE: Final = range(15, 30)  # the ages that Ingång is for: a bare number among them is as likely an age as a year

_MONTH_DAY: Final = (
    r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"  # days over 60: coordination numbers
)
_TAIL: Final = r"[-+‐‑‒–—−－]"
_IDENTITY: Final = re.compile(
    rf"(?<!\d)(?P<century>19|20)?(?P<year>\d\d)(?P<md>{_MONTH_DAY})(?P<sep>\s?{_TAIL}\s?|\s)?(?P<last>\d{{4}})(?!\d)"
)
_BIRTH_DATE: Final = re.compile(rf"(?<!\d)(?P<century>19|20)?(?P<year>\d\d)(?P<md>{_MONTH_DAY})(?!\d)")
_DASHED_DATE: Final = re.compile(
    r"(?<!\d)(?:(?P<long>\d{4})[-/.](?:0?[1-9]|1[0-2])[-/.]|(?P<year>\d\d)-(?:0[1-9]|1[0-2])-)(?:0?[1-9]|[12]\d|3[01])(?!\d)"
)
_DAY_FIRST: Final = re.compile(
    r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])\s?(?:[/.]\s?(?:0?[1-9]|1[0-2])[-/. ]{1,2}'?|-(?:0?[1-9]|1[0-2])-(?=\d{4}))"
    r"(?:(?P<long>\d{4})|(?P<year>\d\d))(?!\d)"
)
_FOUR: Final = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_APOSTROPHE_YEAR: Final = re.compile(r"(?<![\d\w])[-'](\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class BirthYear:
    """`year` when it was said, or follows from an age (then `approximate`: it may be one less); `why` says how.

    A bare number that could be an age as well as a year gives the age alone: the caller asks back. One that is an age
    of ours and no year that anybody who writes is born in ("28", "19") is the age.
    """

    year: int | None
    age: int | None
    why: str
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class _Words:
    cardinal: Mapping[str, int]
    scales: tuple[tuple[str, int], ...]  # words for hundred and thousand
    zeros: tuple[str, ...]
    born: frozenset[tuple[str, ...]]
    age_before: frozenset[tuple[str, ...]]
    age_after: frozenset[tuple[str, ...]]
    becomes: frozenset[tuple[str, ...]]


@remembered
def _compiled(data: Mapping[str, Any]) -> _Words:
    table = data.get("years", {})
    keys = ("born", "age_before", "age_after", "becomes")
    cardinal = number_words(data).cardinal
    scales = tuple((word, size) for word, size in cardinal.items() if size in (100, 1000) and len(word) >= 5)
    zeros = tuple(word for word, value in cardinal.items() if value == 0)
    return _Words(cardinal, scales, zeros, *(phrases(table.get(key, ())) for key in keys))


_NO_WORDS: Final[Mapping[str, Any]] = {}


def mask_personnummer(text: str) -> str:
    """The text with the last four digits of every personal identity number replaced by "…", for keeping.

    Ten digits in a row that begin with a zero are as likely a phone number: there the check digit decides.
    """
    digits = plain_digits(text)
    for match in reversed(list(_IDENTITY.finditer(digits))):
        if not _may_be_phone(match):
            text = f"{text[: match.start('last')]}…{text[match.end() :]}"
    return text


def _may_be_phone(match: re.Match[str]) -> bool:
    if match["century"] or match["sep"] or not match["year"].startswith("0"):
        return False
    return not _check_digit_fits(match["year"] + match["md"] + match["last"])


def _check_digit_fits(digits: str) -> bool:
    """The Luhn rule, as identity numbers use it."""
    total = 0
    for place, digit in enumerate(digits):
        product = int(digit) * (2 - place % 2)
        total += product // 10 + product % 10
    return total % 10 == 0


def read_birth_year(text: str, this_year: int, lexicon: Lexicon | None = None) -> BirthYear:
    """The year of birth in `text`, ages 0 to 110 counted in `this_year`; without `lexicon` digits only.

    A personal identity number is read for its year alone; nothing of it is kept in the answer.
    """
    words = _compiled(lexicon.extra if lexicon else _NO_WORDS)
    tidied = tidy(text)
    for reader in (_from_identity, _from_dates):
        found = reader(tidied, this_year)
        if found:
            return found
    tokens = tokenise(tidied)
    years = set(map(int, _FOUR.findall(tidied))) | set(_spoken_years(tokens, words))
    if len(years) == 1:
        return _full(years.pop(), this_year)
    if years:
        return BirthYear(None, None, "more than one year in it")
    return _from_short(tidied, tokens, this_year, words)


def _full(year: int, this_year: int) -> BirthYear:
    if 0 <= this_year - year <= OLDEST:
        return BirthYear(year, this_year - year, "a year")
    return BirthYear(None, None, f"nobody here is born in {year}")


def _of_two(short: int, this_year: int) -> int | None:
    """Two digits as a year, the century chosen so that the age is likely; None when no century gives a possible age."""
    possible = [year for year in (2000 + short, 1900 + short) if 0 <= this_year - year <= OLDEST]
    likely = [year for year in possible if this_year - year in LIKELY]
    return next(iter(likely or possible), None)


def _with_century(century: str | None, short: str, this_year: int, older: bool = False) -> int | None:
    if century:
        return int(century + short)
    year = _of_two(int(short), this_year)
    return year - 100 if older and year and this_year - year < 100 else year


def _from_identity(text: str, this_year: int) -> BirthYear | None:
    match = _IDENTITY.search(text)
    if match and not _may_be_phone(match):
        year = _with_century(match["century"], match["year"], this_year, older="+" in (match["sep"] or ""))
        return _named(year, this_year, "the year of an identity number")
    match = _BIRTH_DATE.search(text)
    if match:
        year = _with_century(match["century"], match["year"], this_year)
        return _named(year, this_year, "the year of a birth date")
    return None


def _from_dates(text: str, this_year: int) -> BirthYear | None:
    match = _DASHED_DATE.search(text) or _DAY_FIRST.search(text)
    if match is None:
        return None
    year = int(match["long"]) if match["long"] else _of_two(int(match["year"]), this_year)
    return _named(year, this_year, "the year of a birth date")


def _named(year: int | None, this_year: int, why: str) -> BirthYear:
    found = _full(year, this_year) if year is not None else BirthYear(None, None, "no possible year")
    return found if found.year is None else BirthYear(found.year, found.age, why)


def _spoken_years(tokens: list[Token], words: _Words) -> Iterator[int]:
    """Years in words: "två tusen tre", "tjugohundratre", "nittonhundranittionio", "nitton nittionio"."""
    for place, token in enumerate(tokens):
        if place and _counts(tokens[place - 1], words):
            continue
        run: list[str] = []
        for later in tokens[place:]:
            if later.kind != "word" or not _counts(later, words):
                break
            run.append(later.text)
        value = _spoken("".join(run), words) if token.kind == "word" and run else None
        if value is not None and 1000 <= value <= 2999:
            yield value


def _counts(token: Token, words: _Words) -> bool:
    return token.kind == "word" and (token.text in words.cardinal or _spoken(token.text, words) is not None)


def _spoken(word: str, words: _Words) -> int | None:
    """A year written as one word, its parts found greedily: thousands or hundreds, then what is under a hundred."""
    for sign, size in words.scales:
        head, found, tail = word.partition(sign)
        if not found:
            continue
        many = 1 if head == "" else words.cardinal.get(head)
        rest = 0 if tail in ("", "talet") else words.cardinal.get(tail.removeprefix("och"))
        if many is not None and rest is not None and rest < 100:
            return many * size + rest
    for cut in range(5, len(word) - 2):
        century, rest = words.cardinal.get(word[:cut]), words.cardinal.get(word[cut:])
        if century in (19, 20) and rest is not None and 10 <= rest < 100:
            return century * 100 + rest
    return None


def _from_short(text: str, tokens: list[Token], this_year: int, words: _Words) -> BirthYear:
    """One or two digits, or a number word: a short year, or an age."""
    marked = _APOSTROPHE_YEAR.findall(text)
    if len(marked) == 1:
        return _named(_of_two(int(marked[0]), this_year), this_year, "two digits of a year")
    places = [place for place, token in enumerate(tokens) if _short_value(tokens, place, words) is not None]
    if len(places) > 1:
        places = [place for place in places if _says_year(tokens, place, words)]
    if len(places) != 1:
        return BirthYear(None, None, "no single number in it")
    value, length, _ = _short_value(tokens, places[0], words) or (0, 1, False)
    year = _of_two(value, this_year) if value in range(100) else None
    if year is None:
        return BirthYear(None, None, "no possible year")
    if _says_year(tokens, places[0], words):
        return _named(year, this_year, "two digits of a year")
    return _year_or_age(value, year, this_year, tokens[: places[0]], tokens[places[0] + length :], words)


def _says_year(tokens: list[Token], place: int, words: _Words) -> bool:
    """Whether a number is a year beyond doubt: it begins with a zero, or "född" stands before it."""
    read = _short_value(tokens, place, words)
    return read is not None and (read[2] or _ends_with(tokens[:place], words.born))


def _year_or_age(
    value: int, year: int, this_year: int, before: list[Token], after: list[Token], words: _Words
) -> BirthYear:
    likely = this_year - year in LIKELY
    if _begins_with(after, words.age_after) or (_ends_with(before, words.age_before) and value < 66):
        why = "from the age that is reached this year" if _ends_with(before, words.becomes) else "from the age"
        return BirthYear(this_year - value, value, why, approximate=True)
    if value in AUDIENCE and not likely:  # nobody of that year writes to us
        return BirthYear(this_year - value, value, "from the age", approximate=True)
    if value < 10 or (value in AUDIENCE and this_year - year not in AUDIENCE) or not 0 <= this_year - year <= OLDEST:
        return BirthYear(None, value, f"{value} can be an age or a year")
    return _named(year, this_year, "two digits of a year" if likely else "two digits of a year, of last century")


def _short_value(tokens: list[Token], place: int, words: _Words) -> tuple[int, int, bool] | None:
    """A number under 100, how many tokens it takes, and whether it begins with a zero ("03", "noll tre")."""
    token = tokens[place]
    if token.kind == "number":
        return (
            (token.value, 1, token.text.startswith("0") and len(token.text) == 2)
            if token.value >= 0
            else (999, 1, False)
        )
    zero = next((word for word in words.zeros if token.text.startswith(word)), None)
    if zero and len(token.text) > len(zero):
        value = words.cardinal.get(token.text[len(zero) :])
        return (value, 1, True) if value is not None and value < 10 else None
    value = words.cardinal.get(token.text)
    if value is None or (value == 1 and token.text != tokens[-1].text):
        return None
    before = words.cardinal.get(tokens[place - 1].text) if place else None
    if before == 0 or (before in range(20, 100, 10) and value < 10):
        return None
    following = words.cardinal.get(tokens[place + 1].text) if place + 1 < len(tokens) else None
    if following is not None and 1 <= following <= 9 and (value == 0 or value in range(20, 100, 10)):
        return value + following, 2, value == 0
    return value, 1, False


def _ends_with(tokens: list[Token], known: frozenset[tuple[str, ...]]) -> bool:
    said = tuple(token.text for token in tokens if token.kind == "word")
    return any(said[-length:] in known for length in range(1, 4) if len(said) >= length)


def _begins_with(tokens: list[Token], known: frozenset[tuple[str, ...]]) -> bool:
    said = tuple(token.text for token in tokens)
    return any(said[:length] in known for length in range(1, 4))
