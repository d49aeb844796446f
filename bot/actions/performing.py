"""The engine's hands: which action performs which command of a flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.actions import activity_talk, first_care, meeting_talk, numbers, rating_talk, referrals
from bot.actions.scene import Scene
from flows import commands


class Doer:
    """Performs a flow's commands on the scene of one turn."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def perform(self, command: Any) -> Any:
        """Do it; return a JSON result. Raises KeyError for a command that nothing here performs."""
        return PERFORMS[type(command)](self._scene, command)

    def undo(self, name: str, result: Any) -> None:
        """Undo a hold. Raises KeyError for a command that has no undo."""
        meeting_talk.UNDOES[name](self._scene, result)


def _raise_distress(scene: Scene, command: commands.RaiseDistress) -> dict[str, Any]:
    first_care.distress(scene, command.said)
    return {}


PERFORMS: Mapping[type, Callable[[Scene, Any], Any]] = {
    commands.ChooseUnit: referrals.choose_unit,
    commands.NoteChoice: referrals.note_choice,
    commands.NoteProfile: referrals.note_profile,
    commands.RegisterReferral: referrals.register,
    commands.AddToReferral: referrals.add,
    commands.TurnAway: referrals.turn_away,
    commands.RaiseDistress: _raise_distress,
    commands.SendCode: numbers.send_code,
    commands.ProveNumber: numbers.prove_number,
    **meeting_talk.PERFORMS,
    **rating_talk.PERFORMS,
    **activity_talk.PERFORMS,
}
