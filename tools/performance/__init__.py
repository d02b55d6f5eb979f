"""The benchmark of a failover: the website with 3 to 300 servers, in 1 to 20 groups.

`make bench` runs `__main__`. It starts a process per configuration (`measurement`), which writes the documents of a
project (`fleet_project`), rehearses its failover, and returns what AWS would have counted. `critical_path` subtracts
the time that AWS itself needs. `growth` fits the counts, and `performance_page` writes docs/generated/performance.md.
`budgets` has the limits that the tests enforce.
"""
