"""User traffic: route it, and check that the application serves it.

    routing  routing controls, weighted records, gradual shifts, load balancer target groups
    checks   HTTP checks, synthetic transactions, API error rates

Imports only base and common. Imported by lambdas and readiness.
"""
