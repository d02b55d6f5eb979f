"""ARNs, durations, schedules, import paths, client timeouts, and the installation. Imports nothing from Leeward.

Every package may import it, including the twin.
"""
