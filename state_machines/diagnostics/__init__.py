"""Problems in documents, with file, line, and column.

Imports nothing of state_machines. Every package except the document models may import it.
"""
