"""What strangers wrote, made harmless where it is shown: in a cell of a spreadsheet, and on a terminal.

Nothing is thrown away unseen. What cannot be written stands as an escape, what is too long ends in a mark.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Final

_STARTS_FORMULA: Final = frozenset("=+-@\u2212")  # U+2212 is the minus sign of typographers
_STARTS_CELL_ANEW: Final = frozenset("\t\r\n\0")
_LONGEST_XLSX: Final = 32_767  # UTF-16 units in a cell, Excel's limit
CUT: Final = " […]"

# A spreadsheet would drop the first zero, or show 1.23E+18.
_LOSES_DIGITS: Final = re.compile(r"0\d+|\d{12,}")


def csv_cell(text: str) -> str:
    """Give the text as a CSV cell that is text to a spreadsheet too: an apostrophe goes before what it would work out.

    That is what begins with = + - @ (also after spaces and invisible characters, also full-width or small ones), with a
    tab, a line break or NUL, and digits that would not keep their looks. `from_csv_cell` gives the text back.
    """
    if not text:
        return text
    text = writable(text)
    return f"'{text}" if _needs_apostrophe(text) else text


def from_csv_cell(cell: str) -> str:
    """Undo `csv_cell`, for any text that UTF-8 can hold."""
    return cell[1:] if cell.startswith("'") and _needs_apostrophe(cell[1:]) else cell


def _needs_apostrophe(text: str) -> bool:
    """Say so also for such a text with apostrophes before it, so that each cell can be read back."""
    if text[:1].isalpha():  # most cells
        return False
    bare = text.lstrip("'")
    if not bare:
        return False
    if bare[0] in _STARTS_CELL_ANEW or _LOSES_DIGITS.fullmatch(bare):
        return True
    first = next((char for char in bare if not _is_blank(char)), "")
    return bool(first) and (first in _STARTS_FORMULA or unicodedata.normalize("NFKC", first)[0] in _STARTS_FORMULA)


def _is_blank(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in {"Cc", "Cf"}


def xlsx_cell(text: str) -> str:
    """Give the text as it may be written in a string cell: at most 32,767 UTF-16 units, the cut shown.

    An apostrophe goes before text that looks like xlsxwriter's own rich text, which it would write without escaping.
    """
    text = writable(text)
    if text.startswith("<r>") and text.endswith("</r>"):
        text = f"'{text}"
    if _utf16_units(text) <= _LONGEST_XLSX:
        return text
    raw = text.encode("utf-16-le")[: 2 * (_LONGEST_XLSX - len(CUT))]
    return raw.decode("utf-16-le", "ignore") + CUT


def _utf16_units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def writable(text: str) -> str:
    r"""Give the text with half surrogate pairs, which UTF-8 cannot hold, as escapes such as \ud83d."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


# --- a terminal -------------------------------------------------------------------------------------------------------

_JOINERS: Final = "\u200c\u200d"  # Persian words and emoji of several parts need them
_HARMFUL: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def on_screen(text: str) -> str:
    """Give the text for a terminal, line breaks kept.

    What could move the cursor, change colours or turn the reading direction stands as an escape.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text.replace("\r\n", "\n"))


def on_one_line(text: str) -> str:
    """Give the text for one line of a terminal: as `on_screen`, line breaks as a sign of their own."""
    return on_screen(text).replace("\n", " ⏎ ")


def _shown(char: str) -> str:
    if char == "\n" or char in _JOINERS or unicodedata.category(char) not in _HARMFUL:
        return char
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def json_text(value: Any) -> str:
    """Give a value as JSON on one line, åäö as they are, and what would trouble a terminal as JSON's own escapes."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(_escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char if char.isprintable() or char in _JOINERS else json.dumps(char)[1:-1]
