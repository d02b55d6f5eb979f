"""ARC routing controls and their cluster endpoints, weighted Route 53 records, gradual shifts, load balancer target
groups. May import traffic.checks.
"""
