"""One function per Lambda task that declares its permissions, a module per group of tasks.

Imports `grants` only; imported by `task_registry`.
"""
