"""Reads everything that simulated AWS holds, as data, so that two states can be compared.

`backend_walk` finds the resources of every backend in every Region and account. `plain_values` converts the objects of
moto and of the twin to plain values. `state_document` is the result. Nothing is left out by default: an attribute that
a later version of moto adds is part of the document.
"""
