"""Run a rehearsal or a sweep with live output, and translate its errors. `cli.commands` imports this package."""
