"""Simulates the clients of an application: clients that read pages, clients that write and read back, their cached DNS
answers and open connections, the ledger of their writes, and the downtime measured from their requests. Imports only
twin.internet and twin.realism.
"""
