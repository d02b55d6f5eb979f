"""Schedules the incident and faults of a scenario, injects serverless faults, and starts and ends Region outages.

May import worlds and scenarios.
"""
