"""An agent in one page: it lists the skills, picks one by its description, runs it, and reads what
the run made.

    agent.py 'How often do words occur in: one two one'

It needs a server with skills, named by SKILLBOX_SERVER_URL and SKILLBOX_API_KEY. No language model
is asked: ScriptedModel stands where one would, and only its two answers would be a model's.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from typing import Any, Dict, List

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import skillbox  # noqa: E402
import skillbox_tools  # noqa: E402


def words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 3}


class ScriptedModel:
    def choose(self, task: str, tools: List[skillbox_tools.SkillTool]) -> skillbox_tools.SkillTool:
        """The tool whose description has most words of the task."""
        return max(tools, key=lambda tool: len(words(task) & words(tool.description)))

    def arguments(self, task: str, complaint: str) -> Dict[str, Any]:
        """What is behind the first colon, as `text`. The first try has a mistake on purpose: text
        as a list of lines. Told so, it does better."""
        text = task.partition(":")[2].strip()
        return {"text": text if complaint else text.splitlines()}


def main(task: str) -> int:
    model = ScriptedModel()
    print("A scripted model chooses here; no language model is asked.")
    with skillbox.Client() as client, tempfile.TemporaryDirectory() as folder:
        tools = skillbox_tools.load_tools(client, download_dir=folder)
        tool = model.choose(task, tools)
        print(f"skill: {tool.skill.name} {tool.skill.version}, one of {len(tools)}")
        complaint = ""
        for _ in range(3):
            try:
                # The server holds the arguments to the skill's schema before anything runs.
                result = tool.call(model.arguments(task, complaint))
            except skillbox_tools.SkillFailed as error:
                complaint = str(error)
                print("refused:", complaint.replace("\n", " | "))
                continue
            print("output:", json.dumps(result.output, ensure_ascii=False)[:300])
            for path in result.files:
                print(f"file: {os.path.basename(path)}, {os.path.getsize(path)} bytes")
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:]) or "How often do words occur in: one two one"))
