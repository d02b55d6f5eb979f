"""The append-only, hash-chained journal of a run, redaction included. Imports no other folder of control."""
