"""The users part of a world: its simulated clients and their network."""
