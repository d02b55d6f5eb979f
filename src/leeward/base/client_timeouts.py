"""The connect and read timeouts of Leeward's AWS clients, in seconds.

A Region that is down often drops packets. The clients time out early, so that three attempts fit into the 60 seconds of
a task's function. The twin lets the same time pass when a simulated Region does not respond, because a hook
that runs before a request is sent cannot see the client's own configuration.
"""

CONNECT_SECONDS, READ_SECONDS = 5, 15

# The run continues without what these calls send, so they may hold a task only briefly: two attempts take at most 9 s.
SIGNAL_CONNECT_SECONDS, SIGNAL_READ_SECONDS = 3, 4
