"""Find a run's evidence, sign it, report on it, collect it for the board.

Imported by `cli.commands`; imports `connection`, `project` and `errors`.
"""
