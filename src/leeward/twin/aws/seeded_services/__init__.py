"""Small simulated services whose resources exist when a world begins: ACM, ELBv2, API Gateway, Cognito.

May import service_framework only.
"""
