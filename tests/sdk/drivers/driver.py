"""Does with the Python SDK what is asked on standard input, one JSON object a line.

    driver.py FOLDER_OF_THE_SDK sync|async
"""

import asyncio
import base64
import json
import sys

sys.path.insert(0, sys.argv[1])
import skillbox  # noqa: E402


def given(value):
    if isinstance(value, dict) and set(value) == {"base64"}:
        return base64.b64decode(value["base64"])
    return value


def plain(value):
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, skillbox.Page) and value.next_cursor:
        return {"items": [plain(item) for item in value], "next_cursor": value.next_cursor}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, skillbox.Event):
        return {"type": value.type, "id": value.id, "data": value.data}
    if hasattr(value, "raw"):
        # Every member that the API sends must have its place, and be the same there.
        for name, member in value.raw.items():
            if name != "valid" and member is not None:
                assert getattr(value, name) == member, name
        return value.raw
    return value


def arguments(op, args):
    args = {name: given(value) for name, value in args.items()}
    if op == "download_files":
        args["result"] = skillbox._record(skillbox.Execution, args["result"])
    return args


async def call(client, op, args):
    if op == "pack":
        return skillbox.pack_skill(args["folder"])
    if op == "stream":
        if isinstance(client, skillbox.Client):
            with client.stream(**args) as events:
                return list(events)
        async with client.stream(**args) as events:
            return [event async for event in events]
    outcome = getattr(client, op)(**args)
    return await outcome if asyncio.iscoroutine(outcome) else outcome


async def main():
    kind = {"sync": skillbox.Client, "async": skillbox.AsyncClient}[sys.argv[2]]
    client = None
    for line in sys.stdin:
        request = json.loads(line)
        op, args = request["op"], request["args"]
        try:
            if op == "client":
                client = kind(**args)
                answer = {"ok": None}
            else:
                answer = {"ok": plain(await call(client, op, arguments(op, args)))}
        except skillbox.APIError as error:
            answer = {"error": {"status": error.status_code, "code": error.error_code,
                                "message": error.message, "text": str(error),
                                "details": len(error.details),
                                "has_request_id": bool(error.request_id),
                                "retry_after": error.retry_after or 0}}
        print(json.dumps(answer), flush=True)


asyncio.run(main())
