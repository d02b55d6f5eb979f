"""The constructs that the stacks consist of. Each creates one kind of resource in the same way for every
application.
"""
