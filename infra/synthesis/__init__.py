"""Builds templates from a plan: the CDK app, the application's own stacks, the template cache, and the Node runtime.

Imports stacks, packaging, permissions, and inputs. Imported by __main__ and deployment.
"""
