"""Skills as LangChain tools.

    from skillbox import Client
    from skillbox_langchain import SkillboxToolkit

    tools = SkillboxToolkit(Client("http://127.0.0.1:8080", "sk-...")).get_tools()

Needs skillbox.py and skillbox_tools.py beside it, and langchain-core 0.3 or later, which is
imported when tools are asked for.
"""

from __future__ import annotations

import asyncio
import functools
from typing import Any, Dict, Iterable, List, Sequence, Tuple

import skillbox
import skillbox_tools

__all__ = ["SkillboxToolkit"]

# Names that LangChain gives to a tool's function itself.
_RESERVED = ("self", "config", "run_manager", "callbacks")


class SkillboxToolkit:
    """One tool per executable skill of a server. load_tools in skillbox_tools says what the
    arguments mean."""

    def __init__(self, client: skillbox.Client, *, include: Sequence[str] = ("*",),
                 exclude: Iterable[str] = (), download_dir: str = "",
                 session_id: str = "") -> None:
        self.client = client
        self._options: Dict[str, Any] = {"include": include, "exclude": tuple(exclude),
                                         "download_dir": download_dir, "session_id": session_id}

    def get_tools(self) -> List[Any]:
        """StructuredTools. Each gives a model JSON with `output` and `files`, and has the rest as
        the message's artifact: `execution_id`, `output`, `files`, `execution`. What fails is told
        to the model as text."""
        try:
            from langchain_core.tools import StructuredTool, ToolException
        except ImportError as error:
            raise ImportError("this needs LangChain: pip install langchain-core") from error
        return [self._tool(tool, StructuredTool, ToolException)
                for tool in skillbox_tools.load_tools(self.client, reserved=_RESERVED,
                                                      **self._options)]

    @staticmethod
    def _tool(tool: skillbox_tools.SkillTool, structured_tool: Any, tool_exception: Any) -> Any:
        def run(**arguments: Any) -> Tuple[str, Dict[str, Any]]:
            try:
                result = tool.call(arguments)
            except skillbox_tools.SkillFailed as error:
                raise tool_exception(str(error)) from error
            return result.text, {"execution_id": result.execution.execution_id,
                                 "output": result.output, "files": result.files,
                                 "execution": result.execution}

        async def run_async(**arguments: Any) -> Tuple[str, Dict[str, Any]]:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(None, functools.partial(run, **arguments))

        return structured_tool.from_function(
            func=run, coroutine=run_async, name=tool.name, description=tool.description,
            args_schema=tool.input_schema, infer_schema=False,
            response_format="content_and_artifact", handle_tool_error=True,
            metadata={"skill": tool.skill.name, "version": tool.skill.version,
                      "digest": tool.skill.digest})
