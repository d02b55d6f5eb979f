"""Runs a machine on scripted results, and compares what it does with what the document says."""
