"""Journal entries that tasks write: step progress and protection status. May import runtime.invocation."""
