"""The runbook document: its steps and its triggers.

Imports steps, application, and fields. The packages load, compile, and validate may import it.
"""
