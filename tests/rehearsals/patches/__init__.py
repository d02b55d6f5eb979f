"""Short rehearsals with every patch, and with every patch but one."""
