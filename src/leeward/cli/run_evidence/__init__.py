"""Find a run's evidence, select keys, write reports, and build board pages.

`cli.commands` imports this package. It imports `connection`, `project`, and `errors`.
"""
