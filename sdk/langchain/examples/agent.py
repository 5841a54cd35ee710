"""Skills as LangChain tools, from a list to the files of a run.

    agent.py 'How often do words occur in: one two one'

It needs a server with skills, named by SKILLBOX_SERVER_URL and SKILLBOX_API_KEY. No language model
is asked: scripted_call stands where one would make its tool call. With a model, bind the tools:
model.bind_tools(tools), or create_react_agent(model, tools).
"""

from __future__ import annotations

import os
import re
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, ".."), os.path.join(here, "../../python")]
import skillbox  # noqa: E402
import skillbox_langchain  # noqa: E402


def scripted_call(task, tools):
    """The call of the tool whose description has most words of the task."""
    def words(text):
        return set(re.findall(r"[a-z]{4,}", text.lower()))

    tool = max(tools, key=lambda one: len(words(task) & words(one.description)))
    return {"type": "tool_call", "id": "call-1", "name": tool.name,
            "args": {"text": task.partition(":")[2].strip()}}


def main(task):
    print("A scripted model chooses here; no language model is asked.")
    with skillbox.Client() as client, tempfile.TemporaryDirectory() as folder:
        toolkit = skillbox_langchain.SkillboxToolkit(client, download_dir=folder)
        tools = {tool.name: tool for tool in toolkit.get_tools()}
        call = scripted_call(task, list(tools.values()))
        message = tools[call["name"]].invoke(call)
        print(f"tool: {call['name']}, one of {len(tools)}")
        print("content:", message.content[:300])
        for path in message.artifact["files"]:
            print(f"file: {os.path.basename(path)}, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "How often do words occur in: one two one")
