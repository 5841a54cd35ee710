"""StructuredTool as its reference describes it: made by from_function with a JSON Schema, called
with arguments or with a model's tool call."""

import re


class ToolException(Exception):
    """Whose text a model is told where handle_tool_error is true."""


class ToolMessage:
    def __init__(self, content, artifact, name, tool_call_id, status):
        self.content, self.artifact, self.name = content, artifact, name
        self.tool_call_id, self.status = tool_call_id, status


class StructuredTool:
    @classmethod
    def from_function(cls, func=None, coroutine=None, name=None, description=None,
                      return_direct=False, args_schema=None, infer_schema=True, *,
                      response_format="content", parse_docstring=False,
                      error_on_invalid_docstring=False, handle_tool_error=False, metadata=None):
        if not isinstance(args_schema, dict) or args_schema.get("type") != "object":
            raise TypeError("a JSON Schema of arguments describes an object")
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) or not description:
            raise ValueError("models' interfaces refuse this tool")
        tool = cls()
        tool.func, tool.coroutine, tool.name, tool.description = func, coroutine, name, description
        tool.args_schema, tool.response_format = args_schema, response_format
        tool.handle_tool_error, tool.metadata = handle_tool_error, metadata
        return tool

    def invoke(self, input, config=None):
        return self._finish(input, lambda arguments: self.func(**arguments))

    async def ainvoke(self, input, config=None):
        arguments = input["args"] if self._is_call(input) else input
        try:
            outcome = await self.coroutine(**arguments)
        except ToolException as error:
            outcome = error
        return self._finish(input, lambda _: outcome)

    @staticmethod
    def _is_call(input):
        return isinstance(input, dict) and input.get("type") == "tool_call"

    def _finish(self, input, call):
        status, artifact = "success", None
        try:
            outcome = call(input["args"] if self._is_call(input) else input)
            if isinstance(outcome, ToolException):
                raise outcome
            content = outcome
            if self.response_format == "content_and_artifact":
                content, artifact = outcome
        except ToolException as error:
            if not self.handle_tool_error:
                raise
            content, status = str(error), "error"
        if not self._is_call(input):
            return content
        return ToolMessage(content, artifact, self.name, input["id"], status)


