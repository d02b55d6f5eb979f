"""One thin entry point per task of a runbook: parse the event, call one function, answer a model.

`lambdas/<task>.py` holds `handler(event, context)` of the function `leeward-<task>`; `lambdas/common` is what they
share. Importing a handler makes no AWS client. May import drs, traffic, control and common; imported by the twin.
"""
