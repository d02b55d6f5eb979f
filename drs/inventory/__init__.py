"""What exists in a Region: server groups, recovery instances, jobs, recovery points, replaced instances.

May import drs.api.
"""
