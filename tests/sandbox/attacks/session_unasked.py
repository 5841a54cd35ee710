"""Looks for a session where none was given."""
from attack import nothing_visible

nothing_visible(["/sandbox/session"])
