"""Models of DRS responses, their state enums, and the calls that read them. Imports no other folder of drs."""
