"""Remove what a failback or drill leaves behind, once the new protection is proven.

May import drs.api, drs.inventory and drs.protection.
"""
