"""The units' own words for messages, remembered by this process until the unit's settings say that they changed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from messages.catalog import Catalog
from messages.variants import Variant
from storage import unit_texts
from storage.db import Tx
from storage.units import Unit

NONE: Final[Mapping[str, Variant]] = MappingProxyType({})


class OwnTexts:
    """One for a process. A unit that has no texts of its own costs nothing, one that has costs one look a change."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, Mapping[str, Variant]]] = {}

    def of(self, tx: Tx, catalog: Catalog, unit: Unit | None) -> Mapping[str, Variant]:
        """Give a unit's own words by the message's name. One that no longer fits its message is left out."""
        changes = 0 if unit is None else unit_texts.changes(unit)
        if unit is None or not changes:
            return NONE
        known = self._known.get(unit.id)
        if known is None or known[0] != changes:
            read = {name: catalog.variant(name, text) for name, text in unit_texts.texts(tx, unit.id).items()}
            known = self._known[unit.id] = changes, {name: own for name, own in read.items() if own is not None}
        return known[1]
