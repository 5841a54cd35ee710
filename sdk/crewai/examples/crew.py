"""Skills as CrewAI tools: what a crew would be given, and one call of a tool.

    crew.py 'one two three'

It needs a server with skills, named by SKILLBOX_SERVER_URL and SKILLBOX_API_KEY. No language model
is asked: the call that an agent's model would make is written here. With a model:

    Agent(role="Analyst", goal="Answer questions about texts", backstory="…", tools=tools)
"""

from __future__ import annotations

import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, ".."), os.path.join(here, "../../python")]
import skillbox  # noqa: E402
import skillbox_crewai  # noqa: E402


def main(text):
    print("A scripted call stands here; no language model is asked.")
    with skillbox.Client() as client:
        tools = {tool.name: tool for tool in skillbox_crewai.skillbox_tools_for_crew(client)}
        for name, tool in tools.items():
            print(f"tool: {name}: {tool.description[:60]}")
        print("result:", tools["word-counter"].run(text=text)[:300])


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "one two three")
