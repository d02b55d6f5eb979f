"""What a kind consists of, as data: the effects of steps, and the descriptors of step kinds and components."""
