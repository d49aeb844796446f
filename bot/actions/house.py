"""What every turn may use and none may change: the texts, the word lists, the channels, the units' zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.actions.own_texts import OwnTexts
from bot.channels.base import Channel
from flows.lexicon import Lexicon
from flows.registry import FLOWS
from flows.steps import Flow
from messages.catalog import Catalog
from messages.scales import Scale, load_scales
from rules.sending import Hours


@dataclass(frozen=True, slots=True)
class House:
    """Put together once, by the wiring or by a test."""

    catalog: Catalog
    lexicons: Mapping[str, Lexicon]  # by language; "sv" is always there
    channels: Mapping[str, Channel]
    flows: Mapping[str, Flow] = field(default_factory=lambda: FLOWS)
    hours: Hours = field(default_factory=Hours)
    info_link: str | None = None  # where it is told how we handle what people write
    budget_per_week: int = 2
    sms_per_day: int = 500  # then what the bot starts waits until the next day
    segment_ore: int = 0  # what one part of an SMS costs; 0: nobody has said
    own_texts: OwnTexts = field(default_factory=OwnTexts)
    scales: Mapping[str, Scale] = field(default_factory=load_scales)  # by slug, in Swedish

    def lexicon(self, language: str) -> Lexicon:
        """The word lists of a language, or the Swedish ones."""
        return self.lexicons.get(language) or self.lexicons["sv"]
