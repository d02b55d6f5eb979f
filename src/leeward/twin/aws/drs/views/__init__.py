"""Records as the DRS API returns them; may import source_servers, ec2, state and conventions."""
