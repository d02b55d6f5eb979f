"""A session at one instant: the comparable state of its world, a frame of the live view, the monthly cost.

May import assessment and session.
"""
