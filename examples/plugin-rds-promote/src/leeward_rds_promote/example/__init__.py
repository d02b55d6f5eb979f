"""A runbook that promotes a replica."""
