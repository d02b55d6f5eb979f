"""CliError and the exit codes. Imports no other package of `cli`."""
