"""Finds the service, Region, and operation of an AWS request, and carries it out on the simulated account.

May import transport.
"""
