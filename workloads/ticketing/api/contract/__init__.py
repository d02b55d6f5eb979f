"""Settings, request and response models, problem documents. Imports nothing of the sample."""
