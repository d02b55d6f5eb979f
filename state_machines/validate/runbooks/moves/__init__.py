"""The rules of moving users: registration, checks, and fences. Imports rules and step_kinds."""
