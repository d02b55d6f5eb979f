"""An AWS call: its target, outcome, operation name, and parameters. Imports nothing from the twin."""
