"""The control API below `/_twin/`: its commands, and the world's status as JSON.

May import hosting.
"""
