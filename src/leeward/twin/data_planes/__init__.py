"""What AWS services do by themselves and moto leaves out: load balancers and REST APIs that forward requests, Route
53 answers from stored records, event source mappings, service metrics. May import engine, aws and internet.
"""
