"""What an open engine changes in the Python process (clocks, randomness, thread starts, attributes of moto), and the
watchdog. Imports scheduling.
"""
