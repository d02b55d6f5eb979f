"""DRS responses as models, their state enums, and the read calls. Imports no other folder of drs."""
