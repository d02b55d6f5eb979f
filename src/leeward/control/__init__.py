"""The control of a run: its input, lock, journal, approvals, notifications, outcome, and triggers.

Imports only `common` and `base`, so it is independent of DRS, traffic, Step Functions, and the twin.
"""
