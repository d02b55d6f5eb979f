"""Simulated AWS services that moto lacks, and corrections of moto's responses.

    service_framework    adds a service to moto from outside its tree
    drs                  Elastic Disaster Recovery
    routing_control      routing controls of Application Recovery Controller
    global_tables        replication between DynamoDB replicas
    seeded_services      services whose resources exist from the start: ACM, API Gateway, Cognito, load balancers
    moto_fixes           corrections for EC2, ELBv2, Route 53, and service quotas

`drs` and `routing_control` are stateful backends, and every response is checked against botocore's model of the
service. This package imports moto and `leeward.base`, nothing of the engine.
"""
