"""The doors' own pages, and how a folder of pages is answered with (see messages.pages)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from messages.pages import HEADERS, PageFolder

__all__ = ["HEADERS", "HERE", "PAGES", "Pages"]

HERE: Final = Path(__file__).parent


class Pages(PageFolder):
    """A folder of templates and one of files, as answers."""

    def show(self, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
        """Draw a page. Facts are text, never markup; a missing one is an error."""
        return HTMLResponse(self.draw(template, **facts), status, dict(HEADERS))

    def files(self) -> APIRouter:
        """Give the route that serves the files."""
        routes = APIRouter()

        @routes.get(f"{self.prefix}/{{name}}")
        def one(name: str, request: Request) -> Response:
            """A stylesheet, a script or a picture of ours."""
            file = self.find(name)
            if file is None:
                raise HTTPException(404, "Den filen finns inte.")
            headers = file.headers(request.query_params.get("v", ""))
            if request.headers.get("if-none-match") == headers["ETag"]:
                return Response(status_code=304, headers=headers)
            return Response(file.body, headers=headers, media_type=file.kind)

        return routes


PAGES: Final = Pages((HERE,), HERE / "static", "/static")
"""The pages of the doors."""
