"""The readers of values, one door for the flows: choices, ratings, names and years of birth."""

from flows.choices import Choices, read_choices
from flows.names import read_name
from flows.numbers import Number, read_number
from flows.years import BirthYear, mask_personnummer, read_birth_year

__all__ = [
    "BirthYear",
    "Choices",
    "Number",
    "mask_personnummer",
    "read_birth_year",
    "read_choices",
    "read_name",
    "read_number",
]
