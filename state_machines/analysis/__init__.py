"""Properties of a compiled machine, computed without running it: graph, loop bounds, and the largest number of events,
seconds, and payload bytes.

Imports asl. The packages compile and checks may import it.
"""
