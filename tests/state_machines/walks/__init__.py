"""Compiled machines, walked with scripted responses."""
