"""Settings, request and response models, and problem documents. Imports nothing else of the sample."""
