"""Recovery jobs and termination jobs over virtual time.

This package may import `source_servers`, `ec2`, `state`, and `conventions`.
"""
