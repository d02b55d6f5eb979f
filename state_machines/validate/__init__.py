"""Validation rules that depend on several values or documents. Reports all problems at once, and doesn't call AWS.

`applications/` has the rules of an application and its components. `runbooks/` has those of a runbook as a whole: its
steps, what a drill must not change, what must be protected before something is removed, and its triggers. The rules of
a step kind are in its module in `state_machines.steps`, and rules share `state_machines.rules`.
`document_validation.py` runs all rules.
"""
