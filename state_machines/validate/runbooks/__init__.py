"""The rules of a runbook: steps, drills, protection, triggers. Imports rules and steps."""
