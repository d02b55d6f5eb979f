"""Adds a service to moto from botocore's model: registration, shape validation, pagination, and the clock and
randomness hooks; the bottom of twin.aws, imports none of its siblings.
"""
