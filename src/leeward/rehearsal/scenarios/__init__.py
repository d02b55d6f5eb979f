"""What a rehearsal is given: committed runbooks, world.yaml and scenario documents, their loader, and short timings.
Imports no other rehearsal package.
"""
