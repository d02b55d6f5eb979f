"""Source servers: registration, agent connectivity, reverse replication; may import ec2, state and conventions."""
