"""Grants for one AWS service each that several tasks share. Imports the other grants."""
