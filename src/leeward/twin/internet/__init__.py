"""What clients of simulated AWS see: DNS answers, health checks, HTTP responses, and web servers on instances.

Records, target groups, and instances are moto's, created and changed through the real APIs. This package only derives
what follows from them at each virtual instant.
"""
