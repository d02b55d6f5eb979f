"""What makes simulated AWS as slow as the real one: latency, cold starts, API rate limits, and other delays.

Every part is on by default. The switches exist for tests, which prove that each part changes a figure.
"""
