"""What users see of the simulated AWS: DNS answers, load balancers, web servers, and the clients that call them.

The records, target groups and instances are moto's, made and changed through the real APIs; this package only works
out what follows from them at each virtual instant. May be imported by `twin` alone.
"""
