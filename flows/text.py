"""Folding: one plain form of what people type, shared by every reader in this package.

People type with and without dots, in capitals, with stretched letters, with look-alike letters from other alphabets
and with emoji. Every reader compares folded text with folded words, so that none of this matters.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

LIMIT = 4000
"""A text longer than this many characters is cut, visibly, before it is read."""

CUT_MARK = " [...] "
"""Stands where a cut was made. It folds to a pause, so no phrase is read across it."""

_HEAD, _TAIL, _WINDOW = 1800, 1000, 110
_SURROGATES = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r"[0-9]+(?:[./:][0-9]+)*[^\W_]*|[^\W_]+|[^\w\s]|\n")
_ABBREVIATED = re.compile(r"\b(kl|ca|nr)[.:]")
_EMOTICON = re.compile(r"(?<!\w)[:;=]['-]?[()\[\]dpo3/\\|*]+(?!\w)")
_DOUBLED = re.compile(r"([^\W\d_])\1+")
_SPELLED = re.compile(r"(?<!\w)[^\W\d_](?:[.\-_,/] ?[^\W\d_]){2,}(?!\w)")
_ONE_BY_ONE = re.compile(r"(?:^| )[^\W\d_] [^\W\d_] ([^\W\d_])\1*(?: |$)")
_BETWEEN = re.compile(r"[.\-_,/ ]")
_LETTERS_DIGITS = re.compile(r"([^\W\d_]+)([0-9][0-9./:]*)")
_DIGIT_INSIDE = re.compile(r"[a-z]+[0-9]+[a-z]+|[0-9]+(?:([a-z])\1*+){3,}")  # three letters, however long they are held
_CLOCK_COLON = re.compile(r"(?<=[0-9]):(?=[0-9])")
_COLON_INSIDE = re.compile(r"(?<=[^\W_]):(?=[^\W\d_])")
_PAUSES = frozenset(',.!?;:\n…()[]{}"|~<>=–—¿¡،؛؟。')
_SPACES = frozenset("-_/\\+&#@^%\t\r\x0b\x0c")
_LEET = str.maketrans("013457", "oieast")
_DROPPED = frozenset("'’‘`´ʼ*ـ")

# Letters that no normal form brings home: those without a decomposition, Arabic letters that Persian keyboards type
# in another code, and the small capitals that fancy-text sites hand out.
_LETTERS = {
    **dict(zip("øæłđðþıœħ", "oalddtioh", strict=True)),
    **dict(zip("ىیکہھ", "ييكهه", strict=True)),
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
}
_LOOK_ALIKES = str.maketrans(
    {
        **dict(zip("аеорсухіјѕԁһӏвнкмтԛԝьпг", "aeopcyxijsdhlbhkmtqwbnr", strict=True)),
        **dict(zip("αβεικνορτυχ", "abeiknoptux", strict=True)),
    }
)


class _Signs(dict[int, str | None]):
    """What one character becomes; worked out when first seen, and kept while there is room."""

    _ROOM = 6000

    def __missing__(self, code: int) -> str | None:
        sign = _sign(chr(code))
        if len(self) < self._ROOM:
            self[code] = sign
        return sign


def _sign(char: str) -> str | None:
    kind = unicodedata.category(char)
    if char in _LETTERS:
        return _LETTERS[char]
    if char in _DROPPED or (kind in {"Mn", "Me", "Cf", "Cs", "Co", "Cn", "Sk"} and not char.isspace()):
        return None
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind[0] in "LN":
        return char
    if char in _PAUSES:
        return "\n" if char == "\n" else char
    if kind == "So":
        return f" {char} "
    return " " if char in _SPACES or kind in {"Zs", "Zl", "Zp", "Cc", "Pd", "Pc"} else ","


_SIGNS = _Signs()


def cut(text: str, beacons: Iterable[str] = ()) -> str:
    """Shorten a text over LIMIT characters, visibly.

    In: any text, and a few lower-case stems that must not be lost ("vill dö"). Out: the text itself, or its head, its
    tail and a little around each beacon in between, with CUT_MARK where something is left out. The head says what the
    message is; people end long messages with what they came to say; the beacons catch alarm in the middle.
    """
    if len(text) <= LIMIT:
        return text
    middle = text[_HEAD:-_TAIL].lower()
    kept, room = [], (LIMIT - _HEAD - _TAIL) // (2 * _WINDOW)
    for place in sorted(place for beacon in beacons if (place := middle.find(beacon)) >= 0)[: room - 1]:
        kept.append(middle[max(0, place - _WINDOW) : place + _WINDOW])
    return CUT_MARK.join([text[:_HEAD], *kept, text[-_TAIL:]])


def _letters(text: str) -> str:
    """Case, width, marks and look-alikes gone; signs turned into spaces, pauses or nothing."""
    if text.isascii():
        return text.lower().translate(_SIGNS)
    text = _SURROGATES.sub(" ", text)
    for _ in range(4):  # folding case can uncover something to decompose, and the other way round; two turns is usual
        before, text = text, unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
        text = text.translate(_SIGNS)
        if text == before:
            break
    return text


def look_alike(word: str) -> str:
    """The same word with Cyrillic and Greek look-alike letters as Latin ones ("ѕтор" gives "stop")."""
    return word.translate(_LOOK_ALIKES)


def _mended(word: str) -> str:
    """A word in mixed alphabets or with digits for letters, as it was meant ("st0pp", "sтopp")."""
    if not word.isascii() and any("a" <= char <= "z" for char in word):
        word = look_alike(word)
    return word.translate(_LEET) if _DIGIT_INSIDE.fullmatch(word) else word


def _pieces(text: str) -> Iterator[str]:
    text = _EMOTICON.sub(" ", text.replace("<3", " ❤ "))
    if _SPELLED.search(text):
        text = _SPELLED.sub(lambda match: _BETWEEN.sub("", match[0]), text)
    if "." in text or ":" in text:
        text = _ABBREVIATED.sub(r"\1 ", text)
        text = _COLON_INSIDE.sub("", _CLOCK_COLON.sub(".", text))
    for piece in _TOKEN.findall(text):
        if piece in _PAUSES:
            yield ","
        elif piece.isalpha() and piece.isascii():
            yield piece
        elif match := _LETTERS_DIGITS.fullmatch(piece):
            yield from (_mended(match[1]), match[2].replace(":", "."))
        else:
            yield _mended(piece).replace(":", ".")


def _joined(pieces: list[str]) -> list[str]:
    """Letters typed one by one, three or more in a row, as one word ("s t o p p")."""
    out: list[str] = []
    run: list[str] = []
    for piece in [*pieces, ""]:
        if piece.isalpha() and (len(piece) == 1 or (run and len({*piece}) == 1)):  # "s t o p ppp"
            run.append(piece)
            continue
        out.extend(["".join(run)] if len(run) > 2 else run)
        run = []
        if piece:
            out.append(piece)
    return out


@lru_cache(maxsize=32)
def fold(text: str) -> str:
    """The plain form of a text: words with one space between, a comma for each pause inside, nothing at the ends.

    Lower case, no dots or accents (å is a), full-width and look-alike letters as plain ones, any digits as 0-9,
    "13:30" as "13.30", emoji without skin tone as words of their own, apostrophes gone. Doubled letters stay: see
    `squeeze`. Never raises. Folding twice is folding once.
    """
    pieces = list(_pieces(_letters(text)))
    if _ONE_BY_ONE.search(" ".join(pieces)):
        pieces = _joined(pieces)
    kept = [piece for before, piece in pairwise([",", *pieces]) if piece != "," or before != ","]
    if kept and kept[-1] == ",":
        kept.pop()
    return " ".join(kept)


def squeeze(folded: str) -> str:
    """Every run of one letter as one letter ("jaaa" as "ja", "stopp" as "stop"). Digits are left alone."""
    return _DOUBLED.sub(r"\1", folded)


def words(text: str) -> list[str]:
    """Folded and squeezed words of a text, with "," for pauses; a word said twice in a row is there once."""
    found = squeeze(fold(text)).split(" ")
    return [word for before, word in pairwise(["", *found]) if word and (word != before or word[0].isdigit())]


def forms_of(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What each form of a word that people write stands for, both folded. In: {word: its forms}, as people spell."""
    return {squeeze(fold(form)): squeeze(fold(word)) for word, forms in table.items() for form in forms}
