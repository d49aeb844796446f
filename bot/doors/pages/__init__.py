"""Pages that people see in a browser: templates with autoescape, files of our own, and the headers that go with them.

Nothing is fetched from any other host, no script stands in a page, and what people wrote is only ever text.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE: Final = Path(__file__).parent

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

mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    kind: str
    version: str


class Pages:
    """A folder of templates (`*.html`) and one of files (`static/`), read once and served under `prefix`."""

    def __init__(self, folders: tuple[Path, ...], static: Path, prefix: str) -> None:
        self.prefix = prefix
        self._files = {file.name: _read(file) for file in sorted(static.iterdir()) if file.is_file()}
        self._templates = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def address(self, name: str) -> str:
        """Give a file's address. It changes with the file, so that it may be kept for ever."""
        return f"{self.prefix}/{name}?v={self._files[name].version}"

    def show(self, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
        """Draw a page. Facts are text, never markup; a missing one is an error."""
        drawn = self._templates.get_template(template).render(file=self.address, **facts)
        return HTMLResponse(drawn.encode("utf-8", "replace"), status, dict(HEADERS))

    def files(self) -> APIRouter:
        """Give the route that serves the files."""
        routes = APIRouter()

        @routes.get(f"{self.prefix}/{{name}}")
        def one(name: str, request: Request) -> Response:
            """A stylesheet, a script or a picture of ours."""
            file = self._files.get(name)
            if file is None:
                raise HTTPException(404, "Den filen finns inte.")
            tag = f'"{file.version}"'
            kept = (
                "public, max-age=31536000, immutable" if request.query_params.get("v") == file.version else "no-cache"
            )
            headers = {**HEADERS, "Cache-Control": kept, "ETag": tag}
            if request.headers.get("if-none-match") == tag:
                return Response(status_code=304, headers=headers)
            return Response(file.body, headers=headers, media_type=file.kind)

        return routes


def _read(file: Path) -> _File:
    body = file.read_bytes()
    return _File(body, mimetypes.guess_type(file.name)[0] or "text/plain", hashlib.sha256(body).hexdigest()[:12])


PAGES: Final = Pages((HERE,), HERE / "static", "/static")
"""The pages of the doors."""
