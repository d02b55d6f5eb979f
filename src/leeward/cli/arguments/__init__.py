"""Resolve and validate command-line arguments, and build help texts. Imports `project` and `errors`."""
