"""Terminal screens: what they show, at every width."""
