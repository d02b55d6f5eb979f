"""Would a failover that is started now succeed, and in what time?

`findings` says what a check found, `subject` what is looked at (made from the documents), `checks/` has one module per
thing that can be wrong, `evaluate` runs them all. Nothing here changes anything. May be imported by lambdas, twin and
cli; imports drs, traffic, control and common.
"""
