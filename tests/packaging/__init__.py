"""The wheel: what is in it, and that it works next to anyone's packages."""
