"""The descriptors of the built-in step kinds. Each module is named after its kind, with `_` for the dot."""
