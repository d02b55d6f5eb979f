"""The served twin."""
