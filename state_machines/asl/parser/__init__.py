"""Parses the JSON text of a definition to typed values. Imports asl."""
