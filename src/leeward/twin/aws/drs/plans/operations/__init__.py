"""Recovery Plan API operations, with one mixin per resource type. `drs_backend` combines the mixins.

This package may import the other modules of `plans`.
"""
