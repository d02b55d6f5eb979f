"""Plays runbooks on the twin: worlds built from application documents, sessions, users, operators, incidents,
invariants, results, sweeps. May import the product and the twin; only cli and tests import it.
"""
