"""Code that a few tasks share: their parameters, and the recovery of a group. May import runtime."""
