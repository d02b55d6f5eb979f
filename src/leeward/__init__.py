"""Disaster-recovery runbooks for AWS, as code, rehearsed whole on a laptop.

ARCHITECTURE.md describes the packages and which of them may import which.
"""
