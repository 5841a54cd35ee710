"""Stands in for langchain-core, which is not packaged here: only what its documentation says of the
tools that sdk/langchain makes."""
