"""The connect and read timeouts of Leeward's AWS clients, in seconds.

A Region that is down often drops packets. The clients time out early, so that the attempts of one call fit into the 30
seconds that a task's call may take. The next poll is another attempt. The twin lets the same time pass when a simulated
Region does not respond, because a hook that runs before a request is sent cannot see the client's own configuration.
"""

CONNECT_SECONDS, READ_SECONDS = 4, 10
MAX_ATTEMPTS = 2

# The run continues without what these calls send, so they may hold a task only briefly: two attempts take at most 9 s.
SIGNAL_CONNECT_SECONDS, SIGNAL_READ_SECONDS = 3, 4
