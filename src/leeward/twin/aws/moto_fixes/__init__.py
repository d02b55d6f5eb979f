"""One module per moto behaviour that is corrected (Route 53 health checks, EC2 power and status, ELBv2 target health,
EC2 quotas); each has install(); may import service_framework only.
"""
