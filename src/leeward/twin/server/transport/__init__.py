"""HTTP for the served twin: the loopback listener, the request queue, and the server's own replies.

Imports nothing else of the server.
"""
