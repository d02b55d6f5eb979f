"""States and task parameters that several step kinds share: server groups, target groups, tables, and API switches.

Imports fragments and fragments.patterns.
"""
