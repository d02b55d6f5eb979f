"""Executions of the interpreter: who is notified, how they end, and the position from which a redrive resumes.

Imports scheduling and virtual_threads.
"""
