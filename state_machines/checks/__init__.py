"""Checks of a compiled machine that don't run it: pure functions over its states, independent of the runbook.

Each check is a function that yields a machine's findings, and yields nothing when the machine passes. `graph_shape`
checks that states can be reached and loops are bounded. `failure_records` checks that failures are recorded and the
lock is released. `cross_region_calls` lists the states that call a Region other than the target Region.
`machine_report` runs all checks. The command line, the twin, and the tests use this package.
"""
