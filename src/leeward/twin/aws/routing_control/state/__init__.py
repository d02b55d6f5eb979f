"""Routing-control records, their factory, safety rules and API errors; imports service_framework only."""
