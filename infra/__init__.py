"""Where it runs: the CDK app that deploys an application's runbooks, generated from its documents.

    environments/   an account and what is particular to it, one YAML file each
    permissions/    what each task may do, one declaration each; plain IAM statements, no CDK
    packaging/      the Lambda assets, built without Docker, the same bytes from the same input
    parts/          constructs: functions, state machines, the topic
    stacks/         what is deployed together, and where
    workloads/      the sample applications themselves, where CloudFormation makes them
    guardrails/     what people may not do: a service control policy, a permissions boundary, the operators' own policy
    app, synth      the app; its templates in a folder, reused while nothing has changed

May import state_machines and common, and read lambdas/ as files. Nothing but the tests imports it: what the twin knows
of it, it reads from the synthesised templates.
"""
