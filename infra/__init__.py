"""The CDK app that deploys an application's runbooks, generated from its documents.

    environments/   one YAML file per account, with its settings
    inputs/         what a deployment is generated from: environments, and the deployment plan
    permissions/    one declaration per task of what it may do; plain IAM statements without CDK
    packaging/      the Lambda assets, built reproducibly and without Docker
    constructs/     constructs: functions, state machines, alarms, rules
    stacks/         what is deployed together, and where
    synthesis/      the app, and its templates in a folder that is reused while nothing has changed
    guardrails/     limits for operators: a service control policy, a permissions boundary, the operators' policy
    deployment.py   diff, confirm, and deploy

May import state_machines and common, and reads lambdas/ as files. Only tests import this package. The twin reads the
synthesized templates instead.
"""
