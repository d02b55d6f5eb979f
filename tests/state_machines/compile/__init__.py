"""What the compiler writes."""
