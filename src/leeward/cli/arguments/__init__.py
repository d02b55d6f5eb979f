"""What the user typed, resolved to existing names and validated input; help texts. Imports `project` and `errors`."""
