"""What `ingang check` examines. Each finding names the thing, what is wrong, and the way out, in Swedish.

Nothing is changed. A provider is asked only where it is switched on, and each question has a few seconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingang.app import CLOCK_OFFSET
from ingang.checks import accounts, house, machine, providers, running
from ingang.checks.finding import Finding
from ingang.clock import TEST_NOW, SystemClock, business_clock
from ingang.open_store import opened_store
from ingang.providers import names_on
from ingang.settings import CONFIG, Settings, SettingsError, load_settings
from ingang.wiring import CHANNELS, SIMULATED
from rules.calendar import STOCKHOLM, to_local
from scheduler.lease import lease_clock
from storage import control, health
from storage.db import Store
from storage.errors import StoreError

__all__ = ["Finding", "examine"]


def examine(environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """Examine everything, and give what is to be mended or known. What cannot be read is a finding too."""
    try:
        settings = load_settings(environment)
    except SettingsError as wrong:
        return list(machine.of_settings(wrong.faults))
    now = business_clock(environment).now()
    findings = [
        *machine.of_file(settings, Path(environment.get(CONFIG) or "config.toml")),
        *machine.of_test_clock(environment.get(TEST_NOW)),
        *house.help_lines(to_local(now, STOCKHOLM).date()),
    ]
    try:
        with opened_store(settings) as store:
            store.check_ready()
            findings += _of_store(settings, store, environment)
    except StoreError as error:
        findings.append(machine.of_store_error(error))
    asked = providers.ask(settings)
    findings += asked.findings
    for whose, theirs in asked.dates.items():
        findings += machine.of_clock(SystemClock().now(), theirs, f"klockan hos {whose}")
    return findings


def _of_store(settings: Settings, store: Store, environment: Mapping[str, str]) -> Iterator[Finding]:
    now = business_clock(environment).now()
    yield from machine.of_database(store)
    yield from machine.of_clock(SystemClock().now(), health.clock(store), "databasens")
    with store.read() as tx:
        made_up = control.find(tx, CLOCK_OFFSET) is not None
    channels = [*CHANNELS, *(SIMULATED if made_up else names_on(settings))]
    yield from house.of_units(settings, store, now, channels)
    yield from accounts.of_accounts(settings, store)
    yield from running.of_running(settings, store, now, lease_clock(store)())
