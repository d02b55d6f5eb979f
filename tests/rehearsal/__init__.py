"""What plays runbooks on the twin, in parts."""
