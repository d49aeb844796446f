"""The web application: every door, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bot.doors import health, info, webchat
from ingang.wiring import App
from storage.errors import StoreUnavailable


def create_web(app: App, *, demo: bool) -> FastAPI:
    """Build the application. `demo` adds the pages with simulated phones; without it they do not exist."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        app.start()
        yield
        await app.stop()

    web = FastAPI(title="Ingång", docs_url=None, redoc_url=None, openapi_url=None, lifespan=running)

    @web.exception_handler(StoreUnavailable)
    async def not_kept(request: Request, error: StoreUnavailable) -> JSONResponse:
        """Nothing was kept, so nothing is acknowledged: the sender is told to come back."""
        return JSONResponse({"error": "Det gick inte att spara just nu. Försök igen om en stund."}, 503)

    for door in (health, webchat, info):
        web.include_router(door.router(app))
    if demo:
        from ingang.demo import routes

        web.include_router(routes.router(app))
    return web
