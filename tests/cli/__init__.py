"""Tests of the `leeward` command and its screens."""
