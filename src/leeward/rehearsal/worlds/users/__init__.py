"""The users part of a world: its simulated clients, their network, and how long they take to follow a change."""
