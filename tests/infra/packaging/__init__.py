"""The Lambda assets and layers."""
