"""The permissions that readiness asks IAM about, from a runbook's compiled state machine.

task_grants  the permissions of all of a runbook's calls
probed_call  one call, and the JSON form of a permission
tasks        what is asked for each task
"""
