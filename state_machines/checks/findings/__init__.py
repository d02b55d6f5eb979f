"""What a check returns. Imports nothing from checks."""
