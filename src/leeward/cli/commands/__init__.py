"""The commands, one module each: read the options, call the part that does the work, show, pick the exit code.

Only `cli.main` may import this. The twin and the compiler are imported inside the functions, when they are needed.
"""
