"""What the pages promise, and the test, invariant, or check that fails if a promise is broken.

`page_sentences` finds promises, `registry` reads `tests/repository/promises`, and `check_references` finds the checks.
"""
