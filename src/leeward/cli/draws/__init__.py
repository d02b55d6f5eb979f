"""The `--draws` option of `leeward rehearse`: runs the draws with progress, and prints and reports the result.

`cli.commands` imports this package.
"""
