"""/metrics: how it goes, in numbers, as Prometheus reads them (text format 0.0.4). Nothing in them is about a person.

It answers this machine only, and not through a proxy; or, where a token is set, whoever shows it as
`Authorization: Bearer ...`. The counts are the whole installation's, whichever process did the work, up to the last
fifteen seconds; they go on after a restart.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Final, Literal

from fastapi import APIRouter, HTTPException, Request, Response

from bot.doors.inside import Inside
from storage import control, figures, troubles
from storage.figures import Figures

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PROXIED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
WAITING: Final = ("queued", "sending", "uncertain", "parked")

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name, what it tells, of which kind it is, and its values by their labels."""

    name: str
    tells: str
    kind: Literal["gauge", "counter"]
    values: Iterable[tuple[Labels, float]]

    def lines(self) -> Iterator[str]:
        """Give it as text."""
        yield f"# HELP {self.name} {self.tells}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in self.values:
            shown = ",".join(f'{key}="{_escaped(told)}"' for key, told in labels.items())
            yield f"{self.name}{{{shown}}} {value:.15g}" if shown else f"{self.name} {value:.15g}"


def router(app: Inside, expected: Mapping[str, timedelta], token: str = "") -> APIRouter:
    """Give the address. `expected` is which components must be alive; `token` is what it asks for, if anything."""
    routes = APIRouter()

    @routes.get("/metrics")
    def metrics(request: Request) -> Response:
        """Everything, in one answer."""
        if not _may_ask(request, token):
            raise HTTPException(403, "Siffrorna visas bara för den här maskinen, eller för den som har koden.")
        text = "".join(f"{line}\n" for metric in _all(app, expected) for line in metric.lines())
        return Response(text, media_type=TYPE, headers={"Cache-Control": "no-store"})

    return routes


def _may_ask(request: Request, token: str) -> bool:
    if token:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    if request.client is None or any(name in request.headers for name in PROXIED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _all(app: Inside, expected: Mapping[str, timedelta]) -> Iterator[Metric]:
    with app.store.read() as tx:
        found = figures.look(tx, app.clock.now())
        totals = figures.totals(tx)
        beats = control.beats(tx)
        known = troubles.list_all(tx)
        held = control.find(tx, control.SENDING_HOLD) is not None
    now = app.lease_now()
    yield from _waiting(found)
    yield from _counts(totals)
    ages = [({"component": name}, (now - beats[name]).total_seconds()) for name in expected if name in beats]
    yield Metric("ingang_heartbeat_age_seconds", "Time since a component was last alive.", "gauge", ages)
    yield Metric("ingang_components_expected", "How many components must be alive.", "gauge", [({}, len(expected))])
    yield Metric("ingang_sending_held", "1 while nothing is sent, as after a restore.", "gauge", [({}, held)])
    yield Metric("ingang_trouble", "1 for each trouble that is known.", "gauge", [({"name": t.name}, 1) for t in known])


def _waiting(found: Figures) -> Iterator[Metric]:
    channels = sorted({channel for channel, _ in found.by_state})
    rows = [
        ({"channel": channel, "state": state}, found.by_state.get((channel, state), 0))
        for channel in channels
        for state in WAITING
    ]
    yield Metric("ingang_messages", "Messages that are not settled, by channel and state.", "gauge", rows)
    yield Metric("ingang_messages_due", "Messages whose moment has come.", "gauge", [({}, found.due)])
    ages = (("reply", found.oldest_reply), ("other", found.oldest_other))
    oldest = [({"kind": kind}, age.total_seconds() if age else 0.0) for kind, age in ages]
    yield Metric("ingang_oldest_due_seconds", "How long the oldest due message has been due.", "gauge", oldest)
    waiting = [({"state": state}, found.inbound.get(state, 0)) for state in ("failed", "waiting")]
    yield Metric("ingang_inbound", "Incoming messages whose turn has not been taken.", "gauge", waiting)
    items = [({"kind": kind}, count) for kind, count in sorted(found.inbox.items())]
    yield Metric("ingang_inbox_open", "Items that staff have in the inbox.", "gauge", items)


def _counts(totals: Mapping[str, int]) -> Iterator[Metric]:
    """Names are made of words: turn.CHANNEL.OUTCOME, send.CHANNEL.RESULT, receipt.STATE, error.CHANNEL.CODE, ..."""
    shapes: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
        ("turn", "ingang_turns_total", "Turns taken, by channel and outcome.", ("channel", "outcome")),
        ("send", "ingang_sends_total", "Tries to send, by channel and result.", ("channel", "result")),
        ("receipt", "ingang_receipts_total", "What providers said afterwards, by state.", ("state",)),
        ("error", "ingang_provider_errors_total", "Providers' errors, by channel and code.", ("channel", "code")),
    )
    for first, name, tells, labels in shapes:
        values = []
        for key, count in sorted(totals.items()):
            word, *rest = key.split(".")
            if word == first and len(rest) == len(labels):
                values.append((dict(zip(labels, rest, strict=True)), float(count)))
        yield Metric(name, tells, "counter", values)
    refused = [({"door": door, "reason": why}, float(n)) for door, why, n in figures.refused(totals)]
    yield Metric("ingang_webhooks_refused_total", "Webhooks that were not the provider's.", "counter", refused)


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
