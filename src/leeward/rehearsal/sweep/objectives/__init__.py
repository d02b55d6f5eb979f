"""The RTO and RPO of a sweep's trials, and the trials that stopped although no decision was needed."""
