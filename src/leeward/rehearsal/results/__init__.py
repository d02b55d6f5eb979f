"""Models of a rehearsal's result, the progress of each step, and the launch times of its run.

Imports no other rehearsal package.
"""
