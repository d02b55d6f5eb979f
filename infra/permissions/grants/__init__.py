"""The permission model, the resources that a task's calls name, and grants that several tasks share.

Imports nothing else of infra; imported by `tasks` and by the modules above.
"""
