"""Reports within a result: of one invariant, and of a run that was played before."""
