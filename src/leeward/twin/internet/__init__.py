"""What clients of simulated AWS see: DNS answers, health checks, HTTP responses, and web servers on instances.

moto stores records, target groups, and instances. The real APIs create and change them. This package only derives
what follows from them at each virtual instant.
"""
