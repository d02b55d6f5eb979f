"""The signed bundle of a run's evidence, which can be verified offline. Imports `evidence.model`."""
