"""Time: the ticker, the dispatcher and the sweeps."""
