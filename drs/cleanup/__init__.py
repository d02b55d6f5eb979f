"""Cleanup after a failback or a drill, once the new protection is proven.

May import drs.api, drs.inventory and drs.protection.
"""
