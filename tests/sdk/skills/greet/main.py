import json
import os

given = json.loads(os.environ["SANDBOX_INPUT"])
name = given.get("name", "world")
print("greeting", name)
folder = os.environ["SANDBOX_FILES_DIR"]
os.mkdir(folder + "grüße")
for path, text in (("card.txt", "Hello, " + name + "!\n"), ("grüße/日本 €.txt", "Grüß dich!\n")):
    with open(folder + path, "w", encoding="utf-8") as file:
        file.write(text)
files = sorted(os.listdir("/sandbox/input")) if os.path.isdir("/sandbox/input") else []
with open(os.environ["SANDBOX_OUTPUT"], "w", encoding="utf-8") as output:
    json.dump({"greeting": "Hello, " + name + "!", "files": files,
               "mood": os.environ.get("MOOD", "")}, output)
