"""A scenario's faults of AWS itself: the documents of failing services and invocations, and their checks.

Imports no other module of scenarios.
"""
