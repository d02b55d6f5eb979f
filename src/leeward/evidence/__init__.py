"""The evidence of a run: one typed document for the terminal, the report, the signed bundle, and the board.

The evidence is built from the run's journal. A rehearsal adds facts that only the twin knows: clients, faults, and
calls.
Imports only `control` and `common`, so that evidence of a run on AWS needs no twin.
"""
