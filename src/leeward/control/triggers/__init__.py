"""Whether an alarm or a schedule starts a run, and the ledger of what was started. May import control.locking."""
