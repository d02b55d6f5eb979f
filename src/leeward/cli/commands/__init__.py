"""The commands, one module each. A command parses its options, does the work, shows it, and chooses the exit code.

Only `cli.app` may import this package. Commands import the twin and the compiler inside functions, when needed.
"""
