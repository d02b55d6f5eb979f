"""The rules of application.yaml and of each component kind. Imports rules."""
