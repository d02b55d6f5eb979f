"""The rules of each component kind that need the whole application: one module per kind, with a function `check`."""
