"""Is in a namespace of its own?"""
import os

from attack import argument, bait, broken, contained

own = os.readlink("/proc/self/ns/" + argument)
if own == bait("namespaces")[argument]:
    broken(f"shares {own} with the host")
contained(own)
