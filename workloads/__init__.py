"""The sample applications that the runbooks protect, each in a folder of its own. Imported by nothing."""
