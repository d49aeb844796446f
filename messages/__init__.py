"""Rendering, and every word that a participant reads: texts, options, help lines, and the words that the bot knows."""
