"""YAML text as plain values with positions: the only part that knows YAML. Imports diagnostics."""
