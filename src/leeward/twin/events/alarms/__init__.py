"""Metrics, and the rules of metric and composite alarms, without time or transport. Imports only twin.errors."""
