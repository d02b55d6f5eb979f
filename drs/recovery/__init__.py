"""Recovery of servers, by group or by a DRS Recovery Plan, and its rollback.

May import drs.api, drs.inventory and drs.launch.
"""
