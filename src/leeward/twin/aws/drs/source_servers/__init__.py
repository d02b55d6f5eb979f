"""Source servers: registration, agent connectivity, and reverse replication.

This package may import `ec2`, `state`, and `conventions`.
"""
