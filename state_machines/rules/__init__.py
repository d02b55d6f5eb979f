"""What validation rules share: the scope of one step, and checks of ARNs and of values per Region.

The packages steps and validate may import it.
"""
