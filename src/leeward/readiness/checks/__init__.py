"""The readiness checks. Each module has a function `check(inputs, clients)`, which yields findings, and a `CHECK`."""
