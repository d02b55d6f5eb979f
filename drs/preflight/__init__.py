"""Can a recovery succeed: data loss, replication, launch settings, quotas.

May import drs.api, drs.inventory and drs.launch.
"""
