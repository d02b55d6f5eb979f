"""Routing control records, their factory, safety rules, and API errors.

This package may import only `service_framework`.
"""
