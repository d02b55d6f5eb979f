"""Builds the evidence from a run's journal: steps, servers, decisions, and time breakdown.

Imports `evidence.model`.
"""
