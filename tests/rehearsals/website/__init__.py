"""Whole runs of the website sample."""
