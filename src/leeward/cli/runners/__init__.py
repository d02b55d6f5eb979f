"""Run a rehearsal or sweep with live output and translate its errors. Imported by `cli.commands`."""
