"""The talks, and the reading of answers: pure functions, with no I/O, no clock and no database."""
