"""The control API below /_twin/: commands, and the world's status as JSON. May import hosting."""
