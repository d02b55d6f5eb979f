"""AWS lookups that several checks share: protected servers, Route 53 records, certificates. Imports readiness.model."""
