"""Measures the objectives of a run: its RTO and its RPO."""
