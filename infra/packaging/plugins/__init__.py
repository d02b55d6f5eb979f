"""The code of plug-ins that the functions run."""
