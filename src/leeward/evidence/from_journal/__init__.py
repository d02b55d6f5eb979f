"""Builds the evidence from a run's journal: steps, servers, decisions, time breakdown. Imports `evidence.model`."""
