"""What an earlier release wrote is read by this one."""
