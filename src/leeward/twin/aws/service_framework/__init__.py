"""Framework that adds a service to moto from its botocore model.

It contains registration, shape validation, pagination, and the clock and randomness hooks. All packages of `twin.aws`
may import it. It imports none of them.
"""
