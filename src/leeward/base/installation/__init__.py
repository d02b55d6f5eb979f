"""What the computer has: the package's extras that are installed, and the folders of the project that it works on."""
