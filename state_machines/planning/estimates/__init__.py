"""How long steps take: assumed, measured by earlier runs, or stated in the document."""
