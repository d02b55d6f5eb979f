"""Options that select AWS or a served twin, and the operator session that they open.

Imports `arguments`, `project`, `rendering`, and `errors`.
"""
