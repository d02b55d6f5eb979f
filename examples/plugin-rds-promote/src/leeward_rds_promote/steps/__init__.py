"""The descriptors of the step kinds."""
