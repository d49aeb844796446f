"""How long a webhook's answer takes at twenty a second: `ingang run` as its own process, SMS by a provider of our own.

Signed requests come evenly, each from a phone of its own, to a program that also sends what it answers. The answer
comes after the commit, so the time is that of a whole turn and of the way there.

    python -m benchmarks.webhook [--json] [--per-second 20] [--seconds 20]

Wanted: 99 of 100 within five times the time of half of them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from pathlib import Path

import httpx

from storage.crypto import KeyRing
from storage.db import Store
from tests.paths.installation import Installation
from tests.servers import twilio_api
from tests.servers.twilio_api import TwilioApi

PUBLIC = "https://ingang.example"
WARM = 3.0  # seconds before anything counts


def main() -> None:
    """Measure, and print a line or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--per-second", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, TwilioApi() as twilio:
        took = _measure(Path(folder), twilio, given.per_second, given.seconds)
    took.sort()
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    found = {"answers": len(took), "p50_ms": p50 * 1000, "p99_ms": p99 * 1000, "ratio": p99 / p50}
    found = {name: round(value, 2) for name, value in found.items()}
    print(json.dumps(found) if given.json else "  ".join(f"{name} {value}" for name, value in found.items()))


def _measure(folder: Path, twilio: TwilioApi, per_second: int, seconds: int) -> list[float]:
    keys, url = KeyRing.new(), f"sqlite:///{folder / 'ingang.db'}"
    store = Store.open(url, keys)
    store.upgrade()
    store.close()
    sms = {
        "account_sid": twilio_api.ACCOUNT, "auth_token": twilio_api.TOKEN, "from_number": twilio_api.NUMBER,
        "api_base_url": twilio.url, "per_second": 50,
    }  # fmt: skip
    installation = Installation(folder, url, keys, {"web": {"public_url": PUBLIC}, "sms": sms})
    twilio.clock = installation.now
    try:
        running = installation.start("run")
        installation.ready(running)
        return _requests(twilio, running.address, per_second, seconds)
    finally:
        installation.end()


def _requests(twilio: TwilioApi, address: str, per_second: int, seconds: int) -> list[float]:
    """Send each at its moment, whether or not the one before has been answered."""
    took: list[float] = []
    threads: list[threading.Thread] = []
    with httpx.Client(timeout=30) as client:
        began = time.perf_counter()
        for number in range(int((seconds + WARM) * per_second)):
            hook = twilio.incoming(twilio.writes("hej", f"+4670{number:07}"), PUBLIC)
            due = began + number / per_second
            time.sleep(max(0.0, due - time.perf_counter()))
            counts = number >= WARM * per_second

            def one(hook: twilio_api.Webhook = hook, counts: bool = counts) -> None:
                start = time.perf_counter()
                client.post(address + hook.path, content=hook.body, headers=hook.headers).raise_for_status()
                if counts:
                    took.append(time.perf_counter() - start)

            threads.append(threading.Thread(target=one))
            threads[-1].start()
        for thread in threads:
            thread.join()
    return took


if __name__ == "__main__":
    main()
