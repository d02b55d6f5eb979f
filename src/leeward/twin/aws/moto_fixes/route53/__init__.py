"""Fixes for moto's Route 53: the propagation of record changes, and health checks of routing controls."""
