"""The inputs of a rehearsal: compiled runbooks, `world.yaml` and scenario documents, their loader, and fast timings.

Imports no other rehearsal package.
"""
