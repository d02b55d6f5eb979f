"""From what a session observed to the result of a run: objectives, invariants, lost writes, leftover resources,
exported evidence. May import session and below.
"""
