"""The repository's own rules, each a command that prints what breaks it: names, prose, structure, commit messages."""
