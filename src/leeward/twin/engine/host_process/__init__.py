"""Virtual clocks and seeded randomness of the Python process, and the watchdog.

Imports scheduling.
"""
