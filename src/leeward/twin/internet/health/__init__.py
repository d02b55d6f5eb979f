"""Route 53 health checks: probes of endpoints, and the times that they take."""
