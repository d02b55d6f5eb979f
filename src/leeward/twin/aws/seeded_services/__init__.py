"""Small simulated services whose resources exist from the start: ACM, ELBv2, API Gateway, Cognito.

May import service_framework only.
"""
