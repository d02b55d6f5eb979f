"""What readiness asks IAM about, one module per task: `probed_permissions(call)` yields the permissions of one call.

The list is not complete. It has the write permissions that a run needs first, or whose absence would be noticed too
late to fix. `infra.permissions` declares the complete roles, and rehearsals prove them.
"""
