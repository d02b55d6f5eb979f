"""The permission declarations: one function per Lambda task, one module per group of tasks.

Imports only `grants`. Imported by `task_registry`.
"""
