import wave
import os

FILES = os.environ["SANDBOX_FILES_DIR"]

with wave.open(FILES + "silence.wav", "wb") as sound:
    sound.setnchannels(1)
    sound.setsampwidth(1)
    sound.setframerate(8000)
    sound.writeframes(bytes([128]) * 80)
