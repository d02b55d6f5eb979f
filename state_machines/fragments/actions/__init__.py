"""States and task parameters that several step kinds share: server groups, target groups, tables, API switches.

Imports fragments and fragments.patterns.
"""
