"""The collected rules of the contract: a name, and a function that checks it on a running server."""

import unittest

RULES = []


def rule(section, text):
    """Registers a check. Its only argument is the test case, with `server` and unittest's asserts."""
    def register(check):
        RULES.append((section, text, check))
        return check
    return register


def cases(suffix, make_server):
    """A TestCase with a test per rule, all on one server."""
    def set_up(cls):
        cls.server = make_server()

    def tear_down(cls):
        cls.server.stop()

    members = {"setUpClass": classmethod(set_up), "tearDownClass": classmethod(tear_down)}
    for section, text, check in RULES:
        name = f"test_{section}_" + "".join(c if c.isalnum() else "_" for c in text)
        if name in members:
            raise ValueError("two rules are named " + text)

        def run(self, check=check):
            check(self)
        run.__doc__ = f"§{section} {text}"
        members[name] = run
    return type("Contract" + suffix, (unittest.TestCase,), members)
