"""Patches that make Step Functions behave as it does on AWS: stopping, timeouts, redrive, and the execution API."""
