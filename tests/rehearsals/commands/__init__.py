"""Commands that play whole runbooks."""
