"""Conventions of the DRS API: errors, identifiers, timestamps, quotas, and durations.

All packages of `twin.aws.drs` may import this package. It imports none of them.
"""
