"""The four stack modules: service (deployed twice), shared, dns, and page. Imports constructs and configuration."""
