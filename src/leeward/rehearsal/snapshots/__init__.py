"""A session at one instant: a comparable snapshot of its world, a frame of the live view, and the monthly cost.

May import assessment and session.
"""
