"""Facts about a compiled machine, computed without running it: its graph, loop bounds, worst-case events, seconds,
and payload. Imports asl; compile and checks may import it.
"""
