"""Skills as tools for a language model, for any framework or none.

    import skillbox, skillbox_tools

    tools = skillbox_tools.load_tools(skillbox.Client("http://127.0.0.1:8080", "sk-..."))
    for tool in tools:
        print(tool.name, tool.description, tool.input_schema)
    print(tools[0].call({"text": "one two three"}).text)

Every executable skill is one tool, in its newest version. sdk/langchain and sdk/crewai make the
tools of those frameworks out of these.
"""

from __future__ import annotations

import concurrent.futures
import fnmatch
import json
import os
import re
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Set

import skillbox

__all__ = ["SkillFailed", "SkillTool", "ToolResult", "load_tools"]

_LOG_TAIL = 2000  # characters of a failed run's log that a model is shown
_LONGEST_NAME = 64  # what the interfaces of models take


class SkillFailed(Exception):
    """The call of a tool did not work; the text is for the model."""


@dataclass(frozen=True)
class ToolResult:
    """`text` is for the model: JSON with `output` and `files`. `files` are paths: below the
    download folder where there is one, else names to ask `execution` for."""

    text: str
    output: Any
    files: List[str]
    execution: skillbox.Execution


@dataclass(frozen=True)
class SkillTool:
    name: str
    description: str
    input_schema: Dict[str, Any]
    skill: skillbox.Skill
    client: skillbox.Client = field(repr=False, compare=False)
    wrapped: bool = False  # the input is no object: it is the member `input` of the arguments
    session_id: str = ""
    download_dir: str = ""

    def call(self, arguments: Optional[Mapping[str, Any]] = None) -> ToolResult:
        """Runs the skill. A SkillFailed says what the model can do better."""
        given = dict(arguments or {})
        value = given.get("input") if self.wrapped else given
        try:
            run = self.client.run(self.skill.name, value, version=self.skill.version,
                                  session_id=self.session_id)
            if not run.succeeded:
                raise SkillFailed(_failure(run))
            files = list(run.files_list)
            if files and self.download_dir:
                folder = os.path.join(self.download_dir, run.execution_id)
                files = [os.path.join(folder, path)
                         for path in self.client.download_files(run, folder)]
        except skillbox.APIError as error:
            raise SkillFailed(_described(error)) from error
        said: Dict[str, Any] = {}
        if "output" in run.raw:
            said["output"] = run.output
        elif run.logs:
            said["logs"] = run.logs[-_LOG_TAIL:]
        if files:
            said["files"] = files
        return ToolResult(json.dumps(said, ensure_ascii=False), run.output, files, run)


def _failure(run: skillbox.Execution) -> str:
    text = f"the skill ended with {run.status}: {run.error or run.reason}"
    if run.output is not None:
        text += "\noutput: " + json.dumps(run.output, ensure_ascii=False)[:_LOG_TAIL]
    if run.logs:
        text += "\nlog: " + run.logs[-_LOG_TAIL:]
    return text


def _described(error: skillbox.APIError) -> str:
    lines = [str(error)]
    for detail in error.details:
        place = detail.get("pointer", detail.get("file", ""))
        lines.append(f"{place or '(the whole)'}: {detail.get('message', '')}")
    return "\n".join(lines)


def _schema_of(skill: skillbox.Skill) -> Dict[str, Any]:
    schema = skill.schemas.get("input")
    if not isinstance(schema, dict):
        return {"type": "object", "properties": {}, "additionalProperties": True}
    # Models' interfaces know neither of these.
    return {key: value for key, value in schema.items() if key not in ("$schema", "$id")}


def _takes_object(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("type", "object" if "properties" in schema else None) == "object")


def _tool_name(name: str, taken: Set[str]) -> str:
    """Of the characters that models' interfaces take, and unlike the others."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:_LONGEST_NAME]
    unique, number = plain, 2
    while unique in taken:
        unique = f"{plain[:_LONGEST_NAME - 1 - len(str(number))]}_{number}"
        number += 1
    taken.add(unique)
    return unique


def load_tools(client: skillbox.Client, *, include: Sequence[str] = ("*",),
               exclude: Iterable[str] = (), download_dir: str = "", session_id: str = "",
               reserved: Iterable[str] = ()) -> List[SkillTool]:
    """The server's executable skills as tools, by name.

    `include` and `exclude` are patterns for names, as in "pdf-*". With a `download_dir` the files
    that a run makes are saved there, in a folder per run. With a `session_id` all runs share the
    session's files. A skill whose input has a member that is `reserved`, or is no object, gets it
    as the argument `input`.
    """
    excluded = list(exclude)
    rows = [row for row in client.list_skills(latest=True)
            if row.mode == "executable" and row.status == "available"
            and any(fnmatch.fnmatchcase(row.name, pattern) for pattern in include)
            and not any(fnmatch.fnmatchcase(row.name, pattern) for pattern in excluded)]
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        skills = list(threads.map(lambda row: client.get_skill(row.name, row.version), rows))
    taken: Set[str] = set()
    tools = []
    for skill in sorted(skills, key=lambda one: one.name):
        schema = _schema_of(skill)
        clashes = not set(schema.get("properties", {})).isdisjoint(reserved)
        wrapped = clashes or not _takes_object(schema)
        if wrapped:
            schema = {"type": "object", "properties": {"input": schema}, "required": ["input"]}
        tools.append(SkillTool(_tool_name(skill.name, taken), skill.description, schema, skill,
                               client, wrapped, session_id, download_dir))
    return tools
