"""Skills as CrewAI tools.

    from skillbox import Client
    from skillbox_crewai import skillbox_tools_for_crew

    tools = skillbox_tools_for_crew(Client("http://127.0.0.1:8080", "sk-..."))
    agent = Agent(role="Analyst", goal="…", backstory="…", tools=tools)

Needs skillbox.py and skillbox_tools.py beside it, and crewai, which is imported when tools are
asked for.
"""

from __future__ import annotations

import keyword
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple

import skillbox
import skillbox_tools

__all__ = ["skillbox_tools_for_crew"]

_TYPES: Dict[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool,
                          "array": list, "object": dict, "null": type(None)}


def skillbox_tools_for_crew(client: skillbox.Client, *, include: Sequence[str] = ("*",),
                            exclude: Iterable[str] = (), download_dir: str = "",
                            session_id: str = "") -> List[Any]:
    """One tool per executable skill; load_tools in skillbox_tools says what the arguments mean.
    Each gives JSON with `output` and `files`. What fails is an exception whose text is for the
    model."""
    try:
        from crewai.tools import BaseTool
        from pydantic import ConfigDict, Field, create_model
    except ImportError as error:
        raise ImportError("this needs CrewAI: pip install crewai") from error
    pydantic = (create_model, Field, ConfigDict)
    skills = skillbox_tools.load_tools(client, include=include, exclude=exclude,
                                       download_dir=download_dir, session_id=session_id)
    return [_crew_tool(tool, BaseTool, pydantic) for tool in skills]


def _crew_tool(tool: skillbox_tools.SkillTool, base: Any, pydantic: Tuple[Any, Any, Any]) -> Any:
    model, optional, in_one = _model_of(tool, *pydantic)

    class SkillboxTool(base):  # type: ignore[misc]
        def _run(self, **arguments: Any) -> str:
            # A member that was not given comes as None.
            given = {name: value for name, value in arguments.items()
                     if value is not None or name not in optional}
            return tool.call(given.get("arguments") or {} if in_one else given).text

    return SkillboxTool(name=tool.name, description=tool.description, args_schema=model,
                        cache_function=lambda *_: False)  # a skill may answer otherwise next time


def _model_of(tool: skillbox_tools.SkillTool, create_model: Any, field: Any,
              config: Any) -> Tuple[Any, Set[str], bool]:
    """A pydantic model of the arguments, those that may be left out, and whether all of them are
    in one member `arguments`, because a name is none for Python."""
    schema = tool.input_schema
    properties = schema.get("properties", {})
    required = set(schema.get("required", []))
    usable = all(name.isidentifier() and not name.startswith(("_", "model_"))
                 and not keyword.iskeyword(name) and name not in ("self", "schema", "copy", "json")
                 for name in properties)
    title = "".join(part.capitalize() for part in tool.name.replace("-", "_").split("_")) + "Input"
    if not usable:
        described = f"The input, by this JSON Schema: {schema}"
        single: Dict[str, Any] = {"arguments": (Dict[str, Any], field(description=described))}
        return create_model(title, **single), set(), True
    members: Dict[str, Any] = {}
    for name, part in properties.items():
        part = part if isinstance(part, dict) else {}
        kind = _type_of(part)
        described = _description_of(part)
        if name in required:
            members[name] = (kind, field(description=described))
        else:
            default = part.get("default")
            members[name] = (Optional[kind], field(default=default, description=described))
    more = "allow" if schema.get("additionalProperties", True) is not False else "forbid"
    model = create_model(title, __config__=config(extra=more), **members)
    return model, set(properties) - required, False


def _type_of(part: Mapping[str, Any]) -> Any:
    kind = part.get("type")
    if isinstance(kind, str):
        return _TYPES.get(kind, Any)
    return Any


def _description_of(part: Mapping[str, Any]) -> str:
    text = str(part.get("description", ""))
    if "enum" in part:
        text += f" One of: {', '.join(map(str, part['enum']))}."
    return text.strip()
