"""Patches of the Python process (clocks, randomness, threads, attributes of moto), and the watchdog.

Imports scheduling.
"""
