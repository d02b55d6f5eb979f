"""JSON types, and a JSON format that is easy to review. Imports nothing from state_machines."""
