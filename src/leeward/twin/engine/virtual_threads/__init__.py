"""Virtual replacements for `threading` and `time` in the interpreter. Imports scheduling."""
