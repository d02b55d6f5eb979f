"""ARN parsing and durations. Imports nothing of Leeward; anything may import it, the twin included."""
