"""Who can log in to the staff pages, and whether what they type goes unread on the way."""

from __future__ import annotations

from collections.abc import Iterator

from ingang.checks.finding import Finding
from ingang.settings import Settings
from storage import logins, staff
from storage.db import Store

INVITE = "ingang staff add NAMN --role administrator --email ADRESS, och ge länken till den som ska ha den"


def of_accounts(settings: Settings, store: Store) -> Iterator[Finding]:
    """An administrator who can log in; https where the pages are reached from elsewhere."""
    with store.read() as tx:
        known = logins.list_all(tx)
        keepers = [each for each in staff.list_staff(tx) if each.role == "administrator"]
    ready = [each for each in keepers if (login := known.get(each.id)) and (login.is_ready or login.outside)]
    if not ready:
        what = "ingen administratör kan logga in" if keepers else "det finns ingen administratör"
        yield Finding("personalens sidor", what, f"bjud in en: {INVITE}", stops=False)
    if not settings.web.is_private and not settings.web.is_here:
        what = f"nås på {settings.web.public_url}, utan https: lösenord och samtal går att läsa på vägen"
        yield Finding("web.public_url", what, "sätt upp https, se docs/operate.md, och skriv adressen")
