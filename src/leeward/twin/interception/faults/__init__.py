"""Which calls fail and how: fault rules, Region and service outages, error and unexpected responses.

Imports calls.
"""
