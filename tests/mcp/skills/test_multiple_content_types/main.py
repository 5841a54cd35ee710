import base64
import json
import os

FILES = os.environ["SANDBOX_FILES_DIR"]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4"
    "z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
print("Multiple content types test:")
with open(FILES + "pixel.png", "wb") as file:
    file.write(PIXEL)
with open(FILES + "data.json", "w") as file:
    json.dump({"test": "data", "value": 123}, file)
