"""HTTP for the served twin: the loopback listener, the request queue to the simulation's thread, and the replies that
the server itself gives. Imports nothing else of the server.
"""
