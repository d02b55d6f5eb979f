"""Decide what to launch: server status, launch plan within quotas, recorded launch intents, target instances.

May import drs.api and drs.inventory.
"""
