"""Patterns for a step's states: one call, a poll loop, parallel lanes, and a skip gate.

Imports the modules of fragments.
"""
