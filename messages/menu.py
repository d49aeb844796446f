"""What a chat app shows beside the messages: the commands of its menu, and the key that shares one's own number.

Data in messages/<language>/menu.toml; a language without that file gets the Swedish one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

HOME: Final = "sv"
ASKS_FOR_A_NUMBER: Final = "phone"
"""What every question for a number is called, in whichever talk."""

_FOLDER = Path(__file__).parent


def load_menus() -> dict[str, dict[str, str]]:
    """Give the menu of each language that has one, Swedish first: command -> what it says beside it."""
    found = sorted(path.parent.name for path in _FOLDER.glob("*/menu.toml"))
    return {code: dict(_menu(code)["commands"]) for code in sorted(found, key=lambda code: code != HOME)}


def number_key(message: str | None, language: str) -> str:
    """Give the label of the key that shares a number, for a message that asks for one; "" for every other.

    `message` is a message's name ("self_referral/phone.again"), None for words that have none.
    """
    name = (message or "").rpartition("/")[2].removesuffix(".again")
    return str(_menu(language)["keys"]["share_number"]) if name == ASKS_FOR_A_NUMBER else ""


@cache
def _menu(language: str) -> Mapping[str, Any]:
    path = _FOLDER / language / "menu.toml"
    if not path.exists():
        path = _FOLDER / HOME / "menu.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
