"""Launch servers (by group or by a DRS Recovery Plan) and undo a launch.

May import drs.api, drs.inventory and drs.launch.
"""
