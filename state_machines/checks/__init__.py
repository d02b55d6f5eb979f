"""What can be said of a machine without running it: pure functions over its states, none of which knows a runbook.

`graph` reads a machine as a graph, and finds its longest paths although it has loops. Each check is a module with one
function from a machine to its findings, and none means that it holds; `bounds` computes the longest a run may take, the
most history that it may write and the largest payload that it may carry; `abroad` says which states call another
Region than the one that the run enters. `examine` runs them all
(imported from its module, since the compiler uses `bounds`). Used by the command line, the twin and the tests.
"""
