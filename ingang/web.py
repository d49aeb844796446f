"""The web application: every door, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bot.doors import health, info, meeting_page, metrics, webchat
from ingang.app import App
from ingang.life import Life, expected
from staff.pages import site
from staff.people_index import index_of
from storage.errors import StoreUnavailable


def create_web(app: App, *, demo: bool, life: Life | None = None) -> FastAPI:
    """Build the application. `demo` adds the pages with simulated phones; without it they do not exist.

    `life` is what runs beside the doors from the application's start to its end: everything, unless it is given.
    """
    beside = life or Life(app)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        await beside.start()
        index_of(app.store).start(app.store)  # so that the first search of the day waits for nothing
        yield
        await beside.stop()

    web = FastAPI(title="Ingång", docs_url=None, redoc_url=None, openapi_url=None, lifespan=running)

    @web.exception_handler(StoreUnavailable)
    async def not_kept(request: Request, error: StoreUnavailable) -> JSONResponse:
        """Nothing was kept, so nothing is acknowledged: the sender is told to come back."""
        return JSONResponse({"error": "Det gick inte att spara just nu. Försök igen om en stund."}, 503)

    for door in (webchat, info, meeting_page):  # in this order: /d/info is no token
        web.include_router(door.router(app))
    web.include_router(health.router(app, expected(app.settings)))
    web.include_router(metrics.router(app, expected(app.settings), app.settings.web.metrics_token))
    web.router.routes += site.router(app).routes  # a router in the application looks each address up twice: 1 ms a page
    _let_providers_in(web, app)
    if demo:
        from ingang.demo import routes

        web.include_router(routes.router(app))
    site.check_declared(web)
    return web


def _let_providers_in(web: FastAPI, app: App) -> None:
    """Open the doors that providers knock on, where they are on."""
    if app.providers.telegram is not None and app.settings.telegram.mode == "webhook":
        from bot.doors import telegram

        web.include_router(telegram.router(app, app.providers.telegram))
    if app.providers.sms is not None:
        from bot.doors import twilio

        web.include_router(twilio.router(app, app.providers.sms))
