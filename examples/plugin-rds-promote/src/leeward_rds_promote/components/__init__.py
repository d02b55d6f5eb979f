"""The descriptors of the components."""
