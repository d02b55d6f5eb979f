"""Tests of the complete end state of a run."""
