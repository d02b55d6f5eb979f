"""The project folder: its root, its generated files, and shell completion of its names. Imports `errors`."""
