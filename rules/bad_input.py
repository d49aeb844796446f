"""The one error for what somebody typed that cannot be used: which field, and why, for the page to show beside it."""


class BadInput(ValueError):
    """A value that cannot be: the field's name, and what is wrong with it in plain Swedish, with the way out."""

    def __init__(self, field: str, why_sv: str) -> None:
        super().__init__(f"{field}: {why_sv}")
        self.field = field
        self.why_sv = why_sv
