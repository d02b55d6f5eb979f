"""The served world: its executions, the totals of its users' requests, and incidents on demand."""
