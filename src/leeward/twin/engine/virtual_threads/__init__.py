"""What the interpreter gets in place of threading and time. Imports scheduling."""
