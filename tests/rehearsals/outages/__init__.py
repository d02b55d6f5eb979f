"""Outages of one AWS service of ten minutes: each sample run waits for it, or asks why it can't go on."""
