"""The checks' input, the clients they read through, and the findings they return.

Imports no other folder of readiness.
"""
