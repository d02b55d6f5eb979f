"""Replaces attributes of moto and of Python's modules while a simulation is open, and restores them afterward.

    attribute_replacement    replaces one attribute and remembers its original value
    interpreter_modules      replaces a value in every module of moto's Step Functions interpreter
    patch_set                applies a list of patches, and tells which of them are active

`engine.patch_list` has the list of all patches. This package imports no other package of the twin.
"""
