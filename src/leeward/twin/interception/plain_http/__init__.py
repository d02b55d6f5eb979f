"""Plain HTTP through urllib3, answered by the simulated internet, and STS for presigned identity URLs.

Imports only leeward.twin.errors.
"""
