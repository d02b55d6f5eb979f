"""The types of claims: about servers, about users, about data, and about the run."""
