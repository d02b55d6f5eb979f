"""What every handler stands on: the environment, the events, logs and metrics, the one decorator."""
