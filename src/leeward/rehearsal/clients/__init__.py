"""Simulated users: clients that read pages, clients that write and read back, the ledger of their writes, downtime
measured from their requests. Imports twin.internet only.
"""
