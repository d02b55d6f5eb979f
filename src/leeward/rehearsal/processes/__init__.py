"""Forked processes: a child that sends its result through a pipe, and a pool of such children.

Imports no other package of `rehearsal`. `sweep`, `draws`, and `dependencies` import it.
"""
