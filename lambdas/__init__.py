"""Lambda handlers, one per task: parse the event, call one function, return a model.

`lambdas/<task>.py` defines `handler(event, context)` of the function `leeward-<task>`. `lambdas/runtime` holds the code
that handlers share. Importing a handler creates no AWS client. Handlers may import board, control, data, drs, evidence,
readiness, traffic, and common.
"""
