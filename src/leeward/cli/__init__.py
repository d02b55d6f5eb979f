"""The `leeward` command: what people type, and what they read.

`commands/` has one module per command: it reads the options, calls the part that does the work, and picks the exit
code. `screens/` draws; it decides nothing and calls nothing but Rich. Nothing imports `cli`; it may import everything
below it, but imports the twin and the compiler only when a command needs them, so that `leeward --help` is quick.
"""
