"""Recovery and termination jobs over virtual time; may import source_servers, ec2, state and conventions."""
