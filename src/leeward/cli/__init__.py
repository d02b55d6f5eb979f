"""The `leeward` command line: commands, their options, and terminal output.

`commands/` has one module per command, which parses the options, calls the code that does the work, and chooses the
exit code. `screens/` only renders values with Rich. No other package imports `cli`. `cli` may import every other
package, but it imports the twin and the compiler only when a command needs them, so that `leeward --help` stays fast.
"""
