"""Protection of serving instances: reverse replication, replication lag, proof of protection, termination protection.

Also tears down source servers. May import drs.api and drs.inventory.
"""
