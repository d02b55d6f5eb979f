"""Serves a simulated AWS over HTTP on a loopback port, for any AWS client in any process.

    transport       threads that speak HTTP, and the queue through which they reach the simulation's thread
    aws_requests    finds the service, Region, and operation of a request, and carries the call out as a task
    pacing          virtual time against real time
    serving_loop    takes requests in, lets virtual time pass, and answers

No process outside this machine can reach it, requests that a web page could send are refused, and no call leaves for
the real network.
"""
