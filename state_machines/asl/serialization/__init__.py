"""JSON types, and states written as reviewable JSON text. Imports nothing of state_machines."""
