"""Looks for what a link of its session leads to on the host."""
from attack import nothing_visible

nothing_visible(["/sandbox/session/passwords", "/sandbox/session/pipe"])
