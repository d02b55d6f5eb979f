"""The cooperative scheduler, its tasks, and its timers. Imports only leeward.twin.errors."""
