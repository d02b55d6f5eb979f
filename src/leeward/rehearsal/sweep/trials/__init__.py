"""The trials of a sweep, one per fault set: runs and assesses them in forked processes, and skips equivalent ones.

May import sweep.faults and runner.
"""
