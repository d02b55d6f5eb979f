"""A task's environment, event models, and context (clients, table, and journal).

Imports no other folder of runtime.
"""
