"""Patches that make each run independent of earlier runs, real threads, and chance."""
