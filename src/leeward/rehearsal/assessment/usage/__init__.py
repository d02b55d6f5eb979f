"""Measures the AWS usage of a run, in total and by step."""
