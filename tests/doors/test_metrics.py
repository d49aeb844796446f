"""The numbers as Prometheus reads them: a parser of the text format reads every line. None is about a person."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from bot.doors import metrics
from bot.doors.metrics import Metric
from storage import control, figures, troubles
from storage.db import Store
from tests.town import MONDAY, Town

LEASE = datetime(2026, 11, 23, 9, tzinfo=UTC)
EXPECTED = {"sweep": timedelta(seconds=60), "doors": timedelta(seconds=60)}
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?\d+(?:\.\d+)?(?:e[+-]\d+)?)")


@dataclass
class Asked:
    """The program as far as this door looks at it."""

    store: Store
    at: datetime = LEASE
    clock: Any = field(default_factory=lambda: SimpleNamespace(now=lambda: MONDAY))

    def lease_now(self) -> datetime:
        return self.at


def ask(app: Any, *, token: str = "", client: tuple[str, int] | None = ("127.0.0.1", 5), **headers: str) -> Response:
    async def get() -> Response:
        web = FastAPI()
        web.include_router(metrics.router(app, EXPECTED, token))
        transport = ASGITransport(web, client=client) if client else ASGITransport(web)
        async with AsyncClient(transport=transport, base_url="http://here") as asking:
            given = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
            return await asking.get("/metrics", headers=given)

    return asyncio.run(get())


def read(text: str) -> dict[str, dict[str, float]]:
    """Name -> labels as written -> value. Fails on whatever the format does not allow (version 0.0.4)."""
    assert text.endswith("\n")
    found: dict[str, dict[str, float]] = {}
    kinds: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert name not in found, "a metric's lines stand together"
            found[name] = {}
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in {"counter", "gauge"}
            assert (kind == "counter") == name.endswith("_total")
            kinds[name] = kind
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert list(found)[-1] == sample[1]
            assert (sample[2] or "") not in found[sample[1]], "each sample once"
            found[sample[1]][sample[2] or ""] = float(sample[3])
    assert kinds.keys() == found.keys()
    return found


def numbers(store: Store, **how: Any) -> dict[str, dict[str, float]]:
    answer = ask(Asked(store, **how))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return read(answer.text)


def test_an_empty_house_has_zeros(store: Store) -> None:
    told = numbers(store)
    assert told["ingang_messages_due"] == {"": 0}
    assert told["ingang_oldest_due_seconds"] == {'kind="reply"': 0, 'kind="other"': 0}
    assert told["ingang_inbound"] == {'state="failed"': 0, 'state="waiting"': 0}
    assert (told["ingang_sending_held"], told["ingang_components_expected"]) == ({"": 0}, {"": 2})


def test_what_waits_and_what_has_been_is_told(store: Store) -> None:
    town = Town(store, now=MONDAY - timedelta(minutes=2))
    town.phone().writes("hej", send=False)
    with store.begin() as tx:
        figures.add(tx, town.now, {
            "turn.sms.handled": 3, "turn.sms.failed": 1, "send.sms.accepted": 2, "send.telegram.later": 1,
            "receipt.delivered": 2, "error.sms.30003": 1, "telegram.forged": 4, "refused.twilio.unsigned": 5,
            "odd": 1, "turn.too.many.words": 1,
        })  # fmt: skip
        control.beat(tx, "sweep", LEASE - timedelta(seconds=7))
        control.beat(tx, "gone_since_long", LEASE - timedelta(days=7))
        troubles.begin(tx, "sms.token", town.now)
        control.put(tx, control.SENDING_HOLD, "x")
    told = numbers(store)
    assert told["ingang_messages"]['channel="sim_sms",state="queued"'] == 2
    assert told["ingang_messages_due"] == {"": 2}
    assert told["ingang_oldest_due_seconds"]['kind="reply"'] == 120
    assert told["ingang_turns_total"] == {'channel="sms",outcome="failed"': 1, 'channel="sms",outcome="handled"': 3}
    assert told["ingang_sends_total"] == {
        'channel="sms",result="accepted"': 2,
        'channel="telegram",result="later"': 1,
    }
    assert told["ingang_receipts_total"] == {'state="delivered"': 2}
    assert told["ingang_provider_errors_total"] == {'channel="sms",code="30003"': 1}
    assert told["ingang_webhooks_refused_total"] == {
        'door="telegram",reason="forged"': 4,
        'door="twilio",reason="unsigned"': 5,
    }
    assert told["ingang_heartbeat_age_seconds"] == {'component="sweep"': 7}
    assert (told["ingang_trouble"], told["ingang_sending_held"]) == ({'name="sms.token"': 1}, {"": 1})


def test_nothing_in_it_is_about_a_person(store: Store) -> None:
    town = Town(store)
    phone = town.phone()
    for text in ("hej", "ja", "Zebulonia", "2003", "jag vill inte leva längre"):
        phone.writes(text)
    text = ask(Asked(store)).text
    assert not re.search(r"zebulonia|701740605|leva|2003|hej", text, re.IGNORECASE)
    assert not re.search(r"\d{9}", text)


@pytest.mark.parametrize("label", ['a"b', "a\\b", "a\nb", 'x"} 1\ny 2', "å"])
def test_odd_labels_break_no_line(label: str) -> None:
    lines = list(Metric("ingang_odd", "Odd.", "gauge", [({"name": label}, 1.5)]).lines())
    (sample,) = read("".join(f"{line}\n" for line in lines))["ingang_odd"].items()
    assert sample[1] == 1.5
    assert re.sub(r'\\(["\\n])', lambda m: "\n" if m[1] == "n" else m[1], sample[0][6:-1]) == label


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        (("127.0.0.1", 5), {}, 200),
        (("::1", 5), {}, 200),
        (("10.0.0.7", 5), {}, 403),
        (("unix", 5), {}, 403),
        (("127.0.0.1", 5), {"X_Forwarded_For": "127.0.0.1"}, 403),
        (("127.0.0.1", 5), {"Forwarded": "for=1.2.3.4"}, 403),
        (("127.0.0.1", 5), {"X_Real_IP": "1.2.3.4"}, 403),
        (("10.0.0.7", 5), {"Authorization": "Bearer "}, 403),
    ],
)
def test_only_this_machine_may_ask(
    sqlite_store: Store, client: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    assert ask(Asked(sqlite_store), client=client, **headers).status_code == status


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer 0123456789abcdef", 200), ("Bearer 0123456789abcdeF", 403), ("", 403), ("å", 403)]
)
def test_with_a_token_only_the_token_counts(sqlite_store: Store, given: str, status: int) -> None:
    for client in (("127.0.0.1", 5), ("10.0.0.7", 5)):
        answer = ask(Asked(sqlite_store), token="0123456789abcdef", client=client, Authorization=given)
        assert answer.status_code == status
