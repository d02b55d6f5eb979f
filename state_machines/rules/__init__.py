"""What validation rules share: the scope of one step, checks of ARNs and of values per Region.

Steps and validate may import it.
"""
