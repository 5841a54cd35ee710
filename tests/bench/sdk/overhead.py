"""One contender of ../sdk_overhead.py:   overhead.py SDK URL KEY ROUNDS FILE"""

import http.client
import json
import resource
import statistics
import sys
import time
import urllib.parse

sys.path.insert(0, sys.argv[1])
import skillbox  # noqa: E402

url, key, rounds, large = sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
client = skillbox.Client(url, key)
raw = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)


def by_hand():
    raw.request("GET", "/v1/skills/word-counter/latest", headers={"Authorization": "Bearer " + key})
    return json.loads(raw.getresponse().read())


def timed(call, times):
    start = time.perf_counter()
    call()
    times.append((time.perf_counter() - start) * 1000)


raw_times, sdk_times = [], []
for number in range(rounds + 50):
    if number == 50:  # warm by now
        raw_times, sdk_times = [], []
    timed(by_hand, raw_times)
    timed(lambda: client.get_skill("word-counter"), sdk_times)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
client.upload_file(large)
print(json.dumps({"raw_ms": statistics.median(raw_times), "sdk_ms": statistics.median(sdk_times),
                  "upload_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before}))
