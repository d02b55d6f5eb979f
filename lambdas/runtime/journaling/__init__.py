"""What tasks write into the run's journal: step progress and protection status. May import runtime.invocation."""
