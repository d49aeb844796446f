"""Ways in, one turn, and what can be done."""
