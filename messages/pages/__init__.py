"""Pages that people see in a browser: templates with autoescape, files of our own, and the headers that go with them.

Nothing is fetched from any other host, no script stands in a page, and what people wrote is only ever text.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
SHARED: Final = Path(__file__).parent / "shared"
"""What every page looks like: colours, type, the door. It is part of each folder."""

KEPT: Final = "public, max-age=31536000, immutable"

mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True, slots=True)
class File:
    """A stylesheet, a script or a picture of ours; `version` changes with it."""

    body: bytes
    kind: str
    version: str

    def headers(self, asked_for: str) -> dict[str, str]:
        """Give the headers it goes with: kept for ever when its very version was asked for."""
        return {
            **HEADERS,
            "Cache-Control": KEPT if asked_for == self.version else "no-cache",
            "ETag": f'"{self.version}"',
        }


class PageFolder:
    """A folder of templates (`*.html`) and one of files (`static/`), read once and served under `prefix`."""

    def __init__(
        self, folders: tuple[Path, ...], static: Path, prefix: str,
        filters: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:  # fmt: skip
        self.prefix = prefix
        found = [file for folder in (SHARED, static) for file in sorted(folder.iterdir())]
        self._files = {file.name: _read(file) for file in found if file.is_file() and file.suffix != ".html"}
        self._templates = Environment(
            loader=FileSystemLoader((*folders, SHARED)),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # they are read once: nobody looks at each page whether a file has changed
        )
        self._templates.filters.update(filters or {})

    def address(self, name: str) -> str:
        """Give a file's address. It changes with the file, so that it may be kept for ever."""
        return f"{self.prefix}/{name}?v={self._files[name].version}"

    def find(self, name: str) -> File | None:
        """Give a file, or None."""
        return self._files.get(name)

    def draw(self, template: str, **facts: Any) -> bytes:
        """Draw a page. Facts are text, never markup; a missing one is an error."""
        drawn = self._templates.get_template(template).render(file=self.address, **facts)
        return drawn.encode("utf-8", "replace")


def _read(file: Path) -> File:
    body = file.read_bytes()
    return File(body, mimetypes.guess_type(file.name)[0] or "text/plain", hashlib.sha256(body).hexdigest()[:12])
