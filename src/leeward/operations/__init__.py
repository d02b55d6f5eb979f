"""Operator actions on runs: find, start, answer, stop, and resume them.

    aws_session       clients with an operator's credentials, for AWS or a served twin, and readable errors
    run_lookup        list runs with their Region and status
    identity_proof    the signed statement that proves who answers
    operator_answers  approve, reject, retry, skip, abort
    run_control       start, stop, resume

Imports base, common, and control, but neither twin nor cli. Imported by cli.
"""
