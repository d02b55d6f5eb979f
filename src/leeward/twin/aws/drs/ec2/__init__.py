"""Where DRS meets moto's EC2: instances and launch templates, launching recovery instances, billed resources.

May import state and conventions.
"""
