"""Explains a failed rehearsal: parsed cause, rows of the verdict, advice. Imported by `screens.rehearsal_result`."""
