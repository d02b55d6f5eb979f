"""Makes a scenario happen: schedules its faults, breaks serverless parts, starts and ends Region outages.

May import worlds and scenarios.
"""
