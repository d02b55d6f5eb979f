"""Policy evaluation: conditions, statements, and the permissions that an AWS call requires.

May import twin.interception.calls.operation_names.
"""
