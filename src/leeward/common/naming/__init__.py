"""Public names: AWS resource names, metric names, and event names. Imports nothing from Leeward."""
