"""Protect what serves: reverse replication, wait for lag, prove protection, termination protection, source server
teardown. May import drs.api and drs.inventory.
"""
