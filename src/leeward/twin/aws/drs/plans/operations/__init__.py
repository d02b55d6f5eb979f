"""Recovery Plan API operations, one mixin per resource type, combined by drs_backend; may import plans."""
