"""What validation rejects."""
