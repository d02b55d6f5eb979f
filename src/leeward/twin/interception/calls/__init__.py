"""What an AWS call is: its target, outcome, operation name, and parameters. Imports nothing from the twin."""
