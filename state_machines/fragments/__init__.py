"""What a step's states are built from: the step's context, state names, retries and catches, and Lambda tasks.

Imports asl and application. The packages steps, compile, and deployment may import it.
"""
