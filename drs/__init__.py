"""Elastic Disaster Recovery: groups of servers, recovery jobs, recovery instances, readiness, protection, undo.

`model` says what DRS answers, `decision` decides (pure), `recovery` gathers and acts. Knows nothing of traffic, of
Step Functions or of the twin; uses `common` alone. Imported by `lambdas`.
"""
