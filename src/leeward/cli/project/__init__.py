"""The project directory on disk: root, generated files, names for shell completion. Imports `errors`."""
