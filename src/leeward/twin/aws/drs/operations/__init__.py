"""DRS API operations, with one mixin per resource type. `drs_backend` combines the mixins.

This package may import `views`, `jobs`, and the packages that they import.
"""
