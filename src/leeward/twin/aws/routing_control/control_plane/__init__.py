"""The route53-recovery-control-config API: backend, lookups, and operations on safety rules and tags.

This package may import `routing_control.state`.
"""
