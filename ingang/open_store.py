"""The store as the settings describe it, for commands that need no more than that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ingang.log import configure
from ingang.settings import Settings
from storage.db import Store
from storage.keys import load as load_keys


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """Open the database of the settings and close it at the end. Raises StoreError with the way out."""
    configure("console", "warning")  # before anything can be logged: what is not configured is not masked
    store = Store.open(settings.database.url, load_keys(settings.keys.file))
    try:
        yield store
    finally:
        store.close()
