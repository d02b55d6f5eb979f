"""What is deployed together, and where: a module per stack."""
