"""What a sweep counts in addition to failures: missed objectives, and stops that a retry would have avoided."""
