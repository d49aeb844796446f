"""`python -m ingang` is the `ingang` command."""

from ingang.cli import main

main()
