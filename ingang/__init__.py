"""Puts the parts together, and nothing imports it: settings, clock, log, the `ingang` command, the demo."""
