"""Checks of the repository's own rules: names, prose, structure, and commit messages. Each is a command."""
