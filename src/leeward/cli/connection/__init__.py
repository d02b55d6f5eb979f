"""Options that choose AWS or a served twin, and the operator session made from them.

Imports `arguments`, `project`, `rendering`, `errors`.
"""
