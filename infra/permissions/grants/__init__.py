"""The permission model, the resources that a task's calls use, and grants that several tasks share.

Imports nothing else of infra. Imported by `tasks` and by the modules above.
"""
