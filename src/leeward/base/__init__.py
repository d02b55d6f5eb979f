"""ARNs, durations, schedule expressions, client timeouts, and the installation. Imports nothing from Leeward.

Every package may import it, including the twin.
"""
