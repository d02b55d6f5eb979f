"""Constructs: what the stacks are made of. Each makes one kind of thing, the same way for every application."""
