"""A task's environment, event models, and context (clients, table, journal). Imports no other folder of runtime."""
