import os

print(os.environ["SANDBOX_INPUT"])
