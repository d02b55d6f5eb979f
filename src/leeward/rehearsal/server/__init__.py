"""`leeward twin`: the served world of an application, its server and its web frontend. Imported by cli only."""
