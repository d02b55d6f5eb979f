"""CliError and the exit codes. Imports nothing else of `cli`."""
