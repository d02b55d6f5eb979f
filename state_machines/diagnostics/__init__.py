"""Problems in documents, with file, line, and column.

Imports nothing of state_machines; everything above the document models may import it.
"""
