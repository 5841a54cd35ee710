"""BaseTool as its documentation describes it: name, description and args_schema; run checks the
arguments with the schema and hands them to _run."""


class BaseTool:
    def __init__(self, *, name, description, args_schema, cache_function=lambda *_: True):
        self.name, self.description, self.args_schema = name, description, args_schema
        self.cache_function = cache_function

    def run(self, **arguments):
        return self._run(**self.args_schema.model_validate(arguments).model_dump())

    def _run(self, **arguments):
        raise NotImplementedError
