"""Tickets, table access, authentication, health: what the API does, without HTTP. Imports contract."""
