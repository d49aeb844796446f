"""The tables, and the questions and changes that the rest may ask of them."""
