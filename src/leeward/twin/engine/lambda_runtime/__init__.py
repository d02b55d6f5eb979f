"""Lambda in process: the function registry, one invocation, its environment, and moto's Lambda backend.

Imports scheduling, virtual_threads, and host_process.
"""
