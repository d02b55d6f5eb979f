"""Where users are sent and what they find: routing controls, target groups, weighted records, page checks.

Knows nothing of DRS, of Step Functions or of the twin; uses `common` alone. Imported by `lambdas`.
"""
