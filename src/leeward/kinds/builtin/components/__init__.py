"""The descriptors of the built-in components. Each module is named after its kind: `drs_servers`."""
