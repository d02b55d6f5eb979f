"""What is known of a run once it is over: one typed document for the terminal, the report, the bundle and the board.

Made of the run's journal; a rehearsal adds what only the twin can see (users, faults, every call). Imports `control`
and `common` alone, so that a run on AWS is told without a twin. Imported by `twin`, `report` and `cli`.
"""
