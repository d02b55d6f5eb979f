"""Patches that change no behavior and save time: caches and shortcuts in the interpreter, requests, and responses."""
