"""Stands in for crewai, which is not packaged here: only what its documentation says of tools."""
