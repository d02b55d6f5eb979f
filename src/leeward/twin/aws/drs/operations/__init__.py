"""DRS API operations, one mixin per resource type, combined by drs_backend.

May import views, jobs and everything below.
"""
