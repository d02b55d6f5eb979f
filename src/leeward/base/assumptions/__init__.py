"""Figures that AWS does not publish, with the sources that they rest on."""
