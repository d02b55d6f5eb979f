"""The rules of a runbook: steps, drills, protection, and triggers. Imports rules and steps."""
