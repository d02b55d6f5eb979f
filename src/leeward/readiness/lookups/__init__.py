"""Lookups that several checks share: protected servers, Route 53 records, certificates. May import readiness.model."""
