"""Runs a machine's states on scripted results, without a clock, AWS, or an engine.

data_paths   paths, templates, and intrinsic functions on a state's data
choices      whether a rule of a Choice state holds
execution    the states, and the events of an execution
"""
