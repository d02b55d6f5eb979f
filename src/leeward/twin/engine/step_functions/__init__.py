"""Executions of the interpreter: their events, their results, and the position from which a redrive resumes.

Imports scheduling and virtual_threads.
"""
