"""The append-only, hash-chained journal of a run, with redaction of secrets. Imports no other folder of control."""
