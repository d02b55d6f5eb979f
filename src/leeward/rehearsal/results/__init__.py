"""Models of a rehearsal's result, and the progress of each step, read from the execution history.

Imports no other rehearsal package.
"""
