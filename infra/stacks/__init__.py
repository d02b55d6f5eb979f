"""The stacks: what is deployed together, and in which Region. One module per stack."""
