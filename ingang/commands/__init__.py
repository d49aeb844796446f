"""The commands, a module a group; ingang/cli.py says how one is added."""
