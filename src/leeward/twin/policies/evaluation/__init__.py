"""Policy evaluation: conditions, statements, and the permissions an AWS call requires.

May import twin.wire.operations.
"""
