"""Rehearsals under the IAM roles that the documents give the tasks."""
