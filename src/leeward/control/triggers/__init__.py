"""Decides whether an alarm or a schedule starts a run, and records what was started. May import control.locking."""
