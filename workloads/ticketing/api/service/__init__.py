"""What the API does, without HTTP: tickets, table access, authentication, and health. Imports contract."""
