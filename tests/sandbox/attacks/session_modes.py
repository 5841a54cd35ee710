"""Looks for a set-user-id program in its session."""
import os
import stat

from attack import broken, contained

mode = os.stat("/sandbox/session/folder/tool").st_mode
if mode & (stat.S_ISUID | stat.S_ISGID):
    broken(oct(mode))
contained(oct(mode))
