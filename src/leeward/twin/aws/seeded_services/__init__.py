"""Simulated services whose resources exist when the simulation starts: ACM, ELBv2, API Gateway, and Cognito.

This package may import only `service_framework`.
"""
