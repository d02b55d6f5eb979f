"""Names that others rely on: resource names in an account, metric and event names. Imports nothing."""
