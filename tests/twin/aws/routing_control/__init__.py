"""The simulated routing controls."""
