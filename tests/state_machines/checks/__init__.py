"""Static checks of machines."""
