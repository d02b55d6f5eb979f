"""Checks whether a recovery can succeed: data loss, replication, launch settings, and quotas.

May import drs.api, drs.inventory and drs.launch.
"""
