"""The rules that one value cannot tell by itself: documents held against each other. All problems at once, no AWS.

`application.py` and `components.py` have the rules of an application, `runbook.py` those of a runbook as a whole
(`drills.py` and `protection.py`: what a drill must not touch, and what must protect before something is given up),
`arns.py` and `scope.py` what rules share; the rules of one step kind live with the kind, in `state_machines.steps`.
`documents.py` runs all.
"""
