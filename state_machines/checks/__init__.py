"""Checks of a machine that don't run it on AWS or on the twin: pure functions over its states and its documents.

Each check is a function that yields a machine's findings, and yields nothing when the machine passes. `graph_shape`
checks that states can be reached and loops are bounded. `failure_records` checks that failures are recorded and the
lock is released. `cross_region_calls` lists the states that call a Region other than the target Region.
`calls` checks each call by itself. `documents` compares a machine with its documents. `behavior` runs both on scripted
results. `machine_report` runs all checks. The command line and the tests use this package.
"""
