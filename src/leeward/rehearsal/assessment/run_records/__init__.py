"""What a run did to its world and which path it took: launches, leftover resources, fences, and timed parts.

May import session, clients, invariants, and results.
"""
