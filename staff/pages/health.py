"""How the program is, for those who run it: what waits, what is wrong, what has been heard of. Nothing about people."""

from __future__ import annotations

from fastapi import Response

from rules.troubles import lets_people_down
from staff import labels
from staff.pages.door import Door
from staff.pages.visit import Visit
from staff.roles import Need
from storage import control, figures, troubles

WORDS = {
    "sending.late": "Meddelanden blir liggande",
    "sending.held": "Utskick är stoppade",
    "telegram.second_poller": "Ett annat program läser samma Telegram-bot",
    "telegram.webhook": "Telegram når inte hit",
    "sms.token": "Sms-leverantören känner inte igen oss",
    "telegram.token": "Telegram känner inte igen oss",
    "sms.credit": "Saldot för sms är lågt",
    "audit.broken": "Loggens kedja är bruten",
    "sms.empty": "Saldot för sms är slut",
    "sms.closed": "Kontot för sms är stängt",
}


PARTS = {
    "alive": "Programmet",
    "dispatcher": "Det som skickar",
    "doors": "Sidor och telefoner",
    "doubt": "Det som reder ut osäkra utskick",
    "sweep": "Det som håller tiderna",
    "watch": "Det som letar efter fel",
    "telegram": "Telegram",
    "sms_list": "Listan över inkomna sms",
    "examine": "Det som frågar leverantörerna",
}
"""What the parts that beat are called on the page."""


def open_room(door: Door) -> None:
    """Open the page on the running of it."""
    door.get("/drift", show, needs=Need.HEALTH)


def show(visit: Visit) -> Response:
    """What waits, what is wrong, and when each part was last heard of."""
    with visit.store.read() as tx:
        now, wrong, beats = figures.look(tx, visit.now), troubles.list_all(tx), control.beats(tx)
    rows = [(WORDS.get(each.name, each.name), each.since, each.detail, lets_people_down(each.name)) for each in wrong]
    ages = [(PARTS.get(name, name), int((visit.at - at).total_seconds())) for name, at in sorted(beats.items())]
    queue = [(labels.label(labels.CHANNEL, way), labels.label(labels.SENT_STATE, state), count)
             for (way, state), count in sorted(now.by_state.items())]  # fmt: skip
    return visit.page("health.html", title="Drift", room="drift", figures=now, wrong=rows, beats=ages, queue=queue)
