"""Shared modules: named errors, polling, AWS clients, resource and metric names, and text limits.

Every package may import `common`. It imports only `base`.
"""
