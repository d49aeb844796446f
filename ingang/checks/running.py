"""How it has been going: what is wrong now, what waits for a human, what knocks in vain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from ingang.checks.finding import Finding
from ingang.life import expected
from ingang.settings import Settings
from rules import troubles as rules
from storage import control, figures, troubles
from storage.db import Store
from storage.troubles import Trouble

WORDS: Final = {
    rules.LATE: ("meddelanden som skulle ha gått ut ligger kvar", "se i loggen vad som hindrar: journalctl -u ingang"),
    rules.HELD: ("inget skickas", "jämför med vad som gått ut, och kör sedan: ingang db release"),
    rules.SECOND_POLLER: (
        "ett annat program läser botens meddelanden",
        "stäng det andra programmet (eller dess webhook), och starta om Ingång",
    ),
    rules.WEBHOOK: ("Telegram vet inte vart meddelanden ska", "se att web.public_url nås utifrån, och i loggen varför"),
    rules.TOKEN: ("leverantören känner inte igen oss", "byt token i config.toml och starta om"),
    rules.CREDIT: ("lite pengar kvar hos leverantören", "fyll på kontot"),
    rules.EMPTY: ("pengarna hos leverantören är slut", "fyll på kontot"),
    rules.CLOSED: ("kontot hos leverantören är stängt", "se i leverantörens konsol vad som krävs"),
    rules.SILENT: ("en del av programmet är tyst", "se i loggen, och starta om: systemctl restart ingang"),
}


def of_running(settings: Settings, store: Store, now: datetime, lease_now: datetime) -> Iterator[Finding]:
    """What the program knows of itself."""
    with store.read() as tx:
        known = troubles.list_all(tx)
        found = figures.look(tx, now)
        beats = control.beats(tx)
        refused = figures.refused(figures.today(tx, now))
    for each in known:
        yield of_trouble(each)
    alive = expected(settings)
    if not any(name in beats for name in alive):
        yield Finding("drift", "Ingång har aldrig varit i gång här", "starta: systemctl start ingang", stops=False)
    elif all(lease_now - beats[name] > longest for name, longest in alive.items() if name in beats):
        yield Finding("drift", "Ingång är inte i gång nu", "starta: systemctl start ingang", stops=False)
    parked = sum(count for (_, state), count in found.by_state.items() if state == "parked")
    if parked:
        way_out = "någon i personalen behöver se dem i inkorgen: de skickas inte igen av sig själva"
        yield Finding("utskick", f"{parked} meddelanden som ingen vet om de gått fram", way_out, stops=False)
    for door, why, count in refused:
        yield _refused(door, why, count)


def of_trouble(trouble: Trouble) -> Finding:
    """Say a known trouble in Swedish, with what to do."""
    channel, _, what = trouble.name.partition(".")
    name = trouble.name
    key = next((key for key in (name, f"{channel}.", f".{what}") if key in WORDS), None)
    words, way_out = WORDS.get(key or "", (name, "se i loggen"))
    detail = f" ({trouble.detail})" if trouble.detail else f" ({what})" if key == rules.SILENT else ""
    told = f"{words}{detail}, sedan {trouble.since:%Y-%m-%d %H.%M} UTC"
    return Finding(f"larm {name}", told, way_out, stops=rules.lets_people_down(name) or name == rules.HELD)


def _refused(door: str, why: str, count: int) -> Finding:
    what = f"{count} anrop i dag till webhooken för {door} släpptes inte in ({why})"
    way_out = "om meddelanden fattas: se att web.public_url och hemligheterna är desamma som hos leverantören"
    return Finding("webhook", what, way_out, stops=False)
