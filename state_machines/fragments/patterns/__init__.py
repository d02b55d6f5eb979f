"""The shapes that a step's states can take: one call, a poll loop, parallel lanes, a skip gate.

Imports fragments' own modules.
"""
