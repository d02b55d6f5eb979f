"""The typed result of a rehearsal (for the screen, --json and tests) and the progress of each step, read from the
execution history. Imports no other rehearsal package.
"""
