"""The four stack modules: service (twice), shared, dns, page. Imports constructs and configuration."""
