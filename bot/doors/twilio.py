"""Twilio's two doors: a message has come in, and a message of ours has got somewhere.

200 is only said after the commit. Twilio does not come back with a message that was not taken; what is lost here is
found again in its list. Whoever is not Twilio gets 403, and of the attempt only a count is kept.
"""

from __future__ import annotations

import re
from typing import Final, Protocol
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, HTTPException, Request, Response

from bot.channels.base import Inbound, Status
from bot.channels.sms import MESSAGE_PATH, STATUS_PATH, TwilioSms
from bot.doors.inside import read_body
from bot.doors.limits import Bucket
from storage.errors import StoreUnavailable

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 1_000_000
MOST_FIELDS: Final = 500
"""A message has about twenty fields, and Twilio adds some now and then."""
REF: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
NOTHING_TO_SAY: Final = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
"""TwiML: our answer goes its own way, through the outbox."""


class Counts(Protocol):
    """What counts things by name."""

    def add(self, *words: str, by: int = 1) -> None:
        """Count one more of these words."""
        ...


class Inside(Protocol):
    """The program as these doors see it."""

    @property
    def tally(self) -> Counts:
        """Running counts."""
        ...

    async def receive(self, message: Inbound) -> object:
        """Take a turn; StoreUnavailable when the message could not be kept."""
        ...

    async def status(self, status: Status) -> object:
        """Take a provider's word about a message; StoreUnavailable when it could not be kept."""
        ...


def router(app: Inside, channel: TwilioSms) -> APIRouter:
    """Give the two addresses."""
    routes, door = APIRouter(), _Door(app, channel)

    @routes.post(MESSAGE_PATH)
    async def message(request: Request) -> Response:
        """Somebody has written."""
        read = channel.parse(await door.let_in(request, MESSAGE_PATH))
        if read is None:
            raise door.refused("unreadable", 400)
        try:
            await app.receive(read)
        except StoreUnavailable:
            return Response(status_code=503)
        return Response(NOTHING_TO_SAY, media_type="text/xml")

    @routes.post(STATUS_PATH + "{ref}")
    async def status(request: Request, ref: str) -> Response:
        """A message of ours has got somewhere, or nowhere."""
        if not REF.fullmatch(ref):
            raise door.refused("unreadable", 404)
        form = await door.let_in(request, STATUS_PATH + ref)
        try:
            await app.status(channel.parse_status(ref, form))
        except StoreUnavailable:
            return Response(status_code=503)
        return Response(status_code=204)

    return routes


class _Door:
    """Lets Twilio in and nobody else."""

    def __init__(self, app: Inside, channel: TwilioSms) -> None:
        self._app, self._channel = app, channel
        self._lines = Bucket(burst=10, per_minute=6)  # a flood of forged requests must not fill the log

    async def let_in(self, request: Request, path: str) -> list[tuple[str, str]]:
        """Give the form when it is Twilio's own; HTTPException 403 otherwise, 413 when it is too much.

        What is signed is our public address, this path and the query as it was written. A proxy may have taken a part
        of the path away, and any header may say anything.
        """
        query = request.scope.get("query_string", b"").decode("latin-1")
        form = _fields(await read_body(request, MOST_BYTES))
        if form is None:
            raise self.refused("unreadable", 413)
        signature = request.headers.get("x-twilio-signature")
        why = self._channel.judge(f"{path}?{query}" if query else path, form, signature)
        if why:
            raise self.refused(why, 403)
        return form

    def refused(self, why: str, status: int) -> HTTPException:
        """Count it, and give the no."""
        self._app.tally.add("refused", "twilio", why)
        if self._lines.take(""):
            log.warning("webhook.refused", channel=self._channel.name, reason=why)
        return HTTPException(status, "Det är inte från Twilio.")


def _fields(raw: bytes) -> list[tuple[str, str]] | None:
    """The fields of a form, empty ones too; None when there are more than anybody sends."""
    text = raw.decode("ascii", "replace")
    try:
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
