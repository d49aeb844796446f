"""Measures that anyone can repeat: ratios against a reference in the same run."""
