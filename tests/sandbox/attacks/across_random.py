"""Prints what must differ between two runs."""
import os
import random
import uuid

print(os.urandom(16).hex(), random.getrandbits(64), uuid.uuid4(), hash("text"), id(object()))
