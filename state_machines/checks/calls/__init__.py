"""Checks of each state by itself: errors that nobody catches, retries, and results that replace the run's data.

catches   every error of a task is caught
retries   what can pass is retried, and nothing else
results   no result replaces the run's data
"""
