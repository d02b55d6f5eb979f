"""Launch decisions: server status, launch plan within quotas, launch intents, and target instances.

May import drs.api and drs.inventory.
"""
