import base64
import os

FILES = os.environ["SANDBOX_FILES_DIR"]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4"
    "z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
with open(FILES + "pixel.png", "wb") as file:
    file.write(PIXEL)
