"""The sample applications that the runbooks protect, as far as CloudFormation makes them: a package per application.

`leeward.infra.workloads.<application>` (hyphens as underscores) has `add(app, plan)`, which adds its own stacks;
`infra.stacks.given.given` says what a stack is given. An application without such a package is deployed elsewhere, as
most are: Leeward needs to know nothing of how.
"""
