"""Elastic Disaster Recovery: groups of servers, recovery and the way back, readiness, protection, clean-up.

`model` says what DRS answers. Each task decides first, in a pure module, and acts second: `decision` and `recovery`
launch (`launch_into` into given machines, `plan_execution` by DRS's own plans), `reversal` and `replication` make the
copies of what serves, `proof` says whether they protect, `retirement` and `retiring` clean up after a failback,
`discarding` after a drill, `leftovers` in EC2. Knows nothing of traffic, of Step Functions or of the twin; uses
`common` alone. Imported by `lambdas`.
"""
