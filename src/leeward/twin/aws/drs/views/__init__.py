"""Converts records to DRS API responses.

This package may import `source_servers`, `ec2`, `state`, and `conventions`.
"""
