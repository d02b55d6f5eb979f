"""Simulated AWS services that moto doesn't provide, and fixes for moto's own responses.

    service_framework    adds a service to moto without changing moto, and shares AWS's service models
    drs                  Elastic Disaster Recovery
    routing_control      routing controls of Application Recovery Controller
    global_tables        replication between the replicas of DynamoDB global tables
    seeded_services      services whose resources the simulator creates: ACM, API Gateway, Cognito, load balancers
    moto_fixes           fixes for EC2, ELBv2, Route 53, and service quotas

`drs` and `routing_control` are stateful backends. Every response is checked against botocore's model of the service.
This package may import moto, `twin.patching`, and `leeward.base`, but not the engine.
"""

from leeward.twin.aws.service_framework import service_models

with service_models.MODEL_PATCHES.applied():
    # It reads EC2's service model. Later readers then find the parsed file.
    import moto.ec2.models  # noqa: F401
