"""The signed, offline-verifiable bundle of a run's evidence. Imports `evidence.model`."""
