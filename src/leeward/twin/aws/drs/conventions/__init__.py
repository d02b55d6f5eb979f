"""Conventions of the DRS service: API errors, identifiers, timestamps, quotas and durations; the bottom of aws.drs."""
