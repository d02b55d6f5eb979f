"""Helpers that several test folders share. Nothing outside of tests imports them."""
