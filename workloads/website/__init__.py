"""A sample application: a website on servers that Elastic Disaster Recovery protects. See world.yaml, scenarios/, and
infra/.
"""
