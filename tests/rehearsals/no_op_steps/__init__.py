"""Steps that report success without acting: which check notices, for every step of every committed runbook."""
