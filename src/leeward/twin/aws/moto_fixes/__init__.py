"""Fixes for moto: Route 53 changes and health checks, EC2 events and status checks, ELBv2 target health, and quotas.

Each module fixes one behavior of moto, with patches that `engine.patch_list` lists. This package may import only
`service_framework`, `twin.patching`, and `twin.realism`.
"""
