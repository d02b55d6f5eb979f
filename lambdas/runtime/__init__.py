"""Code that all handlers share: the task decorator, environment, events, journal, logs, and metrics."""
