"""Simulated AWS services that moto lacks, and the places where moto's answers are mended to tell the truth.

`plugin` adds a service to moto from outside its tree. `drs` and `routing_control` are such services: stateful
backends whose every answer is checked against botocore's own model of the service. `load_balancers`,
`target_health`, `instance_status` and `health_checks` mend what moto answers for ELBv2, EC2 and Route 53;
`instance_power` tells when an instance is started, stopped or terminated.

Only `twin` and the tests may import this package. It imports moto and `common`, nothing else of Leeward's.
"""
