"""The state table of an application, and the fence of writes to it. Imports the modules of common.aws."""
