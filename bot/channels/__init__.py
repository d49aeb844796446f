"""The ways to people: one file each, which reads no tables and knows no flow."""
