"""What a step's states are built from: the step's context, state names, retries and catches, Lambda tasks.

Imports asl and application; steps, compile, and deployment may import it.
"""
