"""What a unit has chosen about ratings: when they are asked for, on which scales, and how soon staff look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SETTING: Final = "ratings"
"""Where a unit's settings keep these."""


@dataclass(frozen=True, slots=True)
class Choices:
    """A unit's choices, each with the program's own default.

    after             whether a session that took place is asked about by message
    after_scale       the scale that is asked after a session
    before_scale      the scale that is asked before one: on staff's device, on paper, or by message
    before_by_message whether the one before is asked by message the same morning
    within_minutes    how long after a session's end it may still be asked about by message: 10 to 1,440
    task_days         staffed days within which staff look at what came of it: 1 to 10
    marks             the unit's own values in the place of rules.ratings' marks
    """

    after: bool = True
    after_scale: str = "egna_efter"
    before_scale: str = "egna_fore"
    before_by_message: bool = False
    within_minutes: int = 120
    task_days: int = 2
    marks: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Choices:
        """Read a unit's settings; what they do not say, or say out of bounds, is the default."""
        chosen = settings.get(SETTING) or {}
        known = {name: value for name, value in chosen.items() if name in cls.__dataclass_fields__}
        made = cls(**known)
        return cls(
            after=bool(made.after), after_scale=str(made.after_scale), before_scale=str(made.before_scale),
            before_by_message=bool(made.before_by_message), within_minutes=_within(made.within_minutes, 10, 1_440, 120),
            task_days=_within(made.task_days, 1, 10, 2), marks=dict(made.marks),
        )  # fmt: skip


def _within(value: Any, least: int, most: int, default: int) -> int:
    return value if isinstance(value, int) and least <= value <= most else default
