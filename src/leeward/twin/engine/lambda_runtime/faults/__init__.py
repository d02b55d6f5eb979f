"""Faults of Lambda invocations: the errors that exist, the rules and outages that cause them, and what callers see.

Imports no other module of lambda_runtime.
"""
