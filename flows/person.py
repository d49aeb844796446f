"""What a talk knows from its first moment: recorded once, so that a replay a month later runs the same road."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    """Facts recorded when a talk begins. Plain values; `Person.load(person.dump())` is the person again."""

    this_year: int  # in the units' local calendar
    channel: str  # sms | telegram | web | terminal
    reachable: bool = True  # can we write here later of our own accord?
    unit: str | None = None  # slug, when a poster or a single unit tells it
    units: tuple[str, ...] = ()  # the slugs to choose among
    closed: tuple[str, ...] = ()  # those of them that have not opened yet
    villages: Mapping[str, Any] = field(default_factory=dict)  # their other names by slug: "vidsel" is in Älvsbyn
    poster: str | None = None  # where they found us
    returning: bool = False  # 90 silent days: no name, no history, no old question
    name: str | None = None  # what we already call them
    promise: str | None = None  # the date that we have promised already, ISO
    extra: Mapping[str, Any] = field(default_factory=dict)

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Person:
        """From plain JSON. A field that an older release did not record takes its default."""
        known = {key: value for key, value in data.items() if key in cls.__dataclass_fields__}
        return cls(**known | {"units": tuple(known.get("units", ())), "closed": tuple(known.get("closed", ()))})
