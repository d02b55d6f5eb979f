"""Framework that adds a service to moto from its botocore model.

It contains registration, shape validation, pagination, the clock and randomness hooks, and the shared service models.
All packages of `twin.aws` may import it. It imports none of them.
"""
