"""docs/settings.md, made from ingang/settings.py: `python -m ingang.settings_page` writes it anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

from ingang.settings import Settings
from ingang.settings_read import REQUIRED

HEAD = """# Settings

Made from `ingang/settings.py` by `python -m ingang.settings_page`.

Settings are read once, at start, from `config.toml` in the folder where `ingang` is started, or from the file that
`INGANG_CONFIG` names. [config.example.toml](../config.example.toml) shows every one. Paths are from the folder where
`ingang` is started. Outside the units, `INGANG_<SECTION>__<KEY>` in the environment overrides the file:
`INGANG_WEB__PORT=8801`. What is wrong is told all at once, each fault by its dotted name with a way out, and the
command ends with exit code 2. A key that is no setting is a fault too. Units are counted from 1:
`units.2.staff.1.first_name`.

A secret (what is *never shown* below) may stand in a file of its own that `INGANG_<SECTION>__<KEY>_FILE` names, as in
`INGANG_SMS__AUTH_TOKEN_FILE=/run/credentials/ingang.service/sms-auth-token`. What stands around it is cut off.

Two more in the environment: `INGANG_KEYS` holds the keys themselves, in place of the file, and `INGANG_TEST_NOW` (a
time with its zone) starts the clock at that time, or moves it by seconds (`+3600`), for trying things out.
"""


def settings_page() -> str:
    """Give the page's text."""
    return "\n".join([HEAD, *_sections(Settings, "")])


def setting_names(kind: type = Settings, prefix: str = "") -> Iterator[str]:
    """Give every setting's dotted name, without the numbers of units, staff and hours."""
    for one in _fields(kind):
        inner = one.metadata.get("table") or one.metadata.get("tables")
        if inner:
            yield from setting_names(inner, f"{prefix}{one.name}.")
        else:
            yield f"{prefix}{one.name}"


def _sections(kind: type, prefix: str) -> Iterator[str]:
    for one in _fields(kind):
        inner = one.metadata.get("table") or one.metadata.get("tables")
        if not inner:
            continue
        name = f"{prefix}{one.name}"
        heading = f"[[{name}]]" if "tables" in one.metadata else f"[{name}]"
        yield f"## `{heading}`\n\n{inner.__doc__}\n\n| setting | is | when not given |\n| --- | --- | --- |"
        yield from (_row(value) for value in _fields(inner) if "read" in value.metadata)
        yield ""
        yield from _sections(inner, f"{name}.")


def _row(value: dataclasses.Field[Any]) -> str:
    secret = " Never shown." if value.metadata["secret"] else ""
    return f"| `{value.name}` | {value.metadata['help']}{secret} | {_default(value.default)} |"


def _default(value: object) -> str:
    if value is REQUIRED:
        return "must be given"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int):
        return f"`{value}`"
    if isinstance(value, time):
        return f'`"{value:%H:%M}"`'
    return f'`"{value}"`' if str(value) else "none"


def _fields(kind: type) -> list[dataclasses.Field[Any]]:
    return [one for one in dataclasses.fields(kind) if one.metadata]


if __name__ == "__main__":
    Path("docs/settings.md").write_text(settings_page(), encoding="utf-8")
