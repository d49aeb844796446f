"""Reading times as people write them: "torsdag kl 14", "halv två", "nästa vecka efter lunch", "dagen efter nyår"."""

from flows.when.answer import NAMES_NONE, WHEN_NOT, Unread, When
from flows.when.read import read_when

__all__ = ["NAMES_NONE", "WHEN_NOT", "Unread", "When", "read_when"]
