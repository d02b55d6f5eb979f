"""Simulated AWS on virtual time. It imports `leeward.base` and no other package of Leeward.

    engine          runs state machines and Lambda handlers, one task at a time
    realism         which delays a simulation has, and the random numbers for them
    interception    the hook between a handler and simulated AWS; injects faults and Region outages
    aws             services that moto lacks, and corrections of moto's responses
    events          CloudWatch alarms, EventBridge, and EventBridge Scheduler
    policies        IAM policy evaluation
    templates       reads synthesized CloudFormation templates
    internet        DNS, health checks, HTTP, and web servers
    data_planes     load balancers, REST APIs, Route 53, event source mappings, and service metrics
    server          serves simulated AWS over HTTP
    patching        replaces attributes of moto and of the process while an engine is open

`leeward.rehearsal` and `leeward.cli` are the only packages that import the twin. Only the twin imports moto.
"""
