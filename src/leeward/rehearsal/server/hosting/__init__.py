"""The world that is served: its executions, its users' totals, incidents on demand."""
