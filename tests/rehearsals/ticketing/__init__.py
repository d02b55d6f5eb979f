"""Whole runs of the ticketing sample."""
