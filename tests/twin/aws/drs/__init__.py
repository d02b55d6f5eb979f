"""The simulated DRS."""
