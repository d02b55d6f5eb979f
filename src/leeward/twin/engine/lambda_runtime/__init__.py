"""Runs Lambda functions in process: the registry, invocations, their environment, and moto's Lambda backend.

Imports scheduling, virtual_threads, and host_process.
"""
