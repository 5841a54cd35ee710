"""Floods its log, which somebody must keep or read."""
import sys

from attack import broken

for _ in range(200):
    sys.stderr.write("x" * 65535 + "\n")
broken("wrote 13 MB")
