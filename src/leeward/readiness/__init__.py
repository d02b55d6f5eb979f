"""Readiness checks: whether a failover that starts now would succeed, and how long it would take.

    model            the checks' input, the clients that they use, and their findings
    checks           one module per kind of check
    lookups          AWS lookups that several checks share
    evaluation       runs all checks and builds the report
    report_store     stores the latest reports next to the journal
    readiness_event  the EventBridge event that announces a report

The checks are read-only. Imports base, common, control, drs, and traffic. Imported by lambdas, board, and cli.
"""
