"""Patterns for a step's states: a poll loop, and a skip gate.

Imports the modules of fragments.
"""
