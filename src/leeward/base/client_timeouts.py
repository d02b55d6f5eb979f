"""How long Leeward's AWS clients wait for a connection and for a response, in seconds.

A Region that is down often swallows packets. The clients give up early, so that three tries fit into the 60 seconds
that a task's function has. The twin lets the same time pass when a simulated Region does not respond, because a hook
that runs before a request is sent cannot see the client's own configuration.
"""

CONNECT_SECONDS, READ_SECONDS = 5, 15
