"""Explain a failed rehearsal: parsed cause, verdict rows, advice. `screens.rehearsal_result` imports this package."""
