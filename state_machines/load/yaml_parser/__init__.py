"""Parses YAML text to plain values with positions. The only package that knows YAML. Imports diagnostics."""
