"""ARC routing controls, weighted Route 53 records, gradual shifts, and load balancer target groups.

May import traffic.checks.
"""
