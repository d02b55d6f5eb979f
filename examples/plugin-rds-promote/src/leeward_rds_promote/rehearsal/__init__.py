"""What rehearsals need: the simulated service, and what they check."""
