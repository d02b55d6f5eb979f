"""Which calls fail and how: fault rules, Region outages, error responses, and unexpected responses. Imports calls."""
