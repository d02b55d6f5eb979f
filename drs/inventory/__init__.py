"""The inventory of a Region: server groups, recovery instances, jobs, recovery points, and replaced instances.

May import drs.api.
"""
