import os

FILES = os.environ["SANDBOX_FILES_DIR"]

with open(FILES + "note.txt", "w") as file:
    file.write("This is an embedded resource content.")
