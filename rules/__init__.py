"""Pure rules on plain values: no clock, no chance, no input or output. What differs comes in as an argument."""
