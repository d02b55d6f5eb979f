"""Data planes that moto lacks: load balancers, REST APIs, Route 53, event source mappings, and service metrics.

May import engine, aws, and internet.
"""
