"""What can go wrong that the person at the keyboard can mend.

UserError          what, where, and the way out; the `ingang` command prints it in one line and ends with 2
  SettingsError    several at once, from config.toml and the environment (ingang/settings.py)
"""

from __future__ import annotations


class UserError(Exception):
    """A fault that whoever runs `ingang` can mend: what is wrong, where, and the way out."""

    def __init__(self, what: str, where: str, way_out: str) -> None:
        super().__init__(f"{what} ({where}): {way_out}")
        self.what = what
        self.where = where
        self.way_out = way_out

    def lines(self) -> list[str]:
        """Give what is printed, one line a fault."""
        return [f"ingang: {self.what} ({self.where}): {self.way_out}"]
