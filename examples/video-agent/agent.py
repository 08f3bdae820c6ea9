"""A video agent: it works through a video segment by segment, and can be
killed at any moment without doing a finished segment again.

    agent.py          serves GET /ping and POST /invocations, for mode: server
    agent.py run      reads the job from standard input, for mode: exec

The input is {"video": "name", "segments": 12}. What a GPU would do to a segment
is played by a hash, so that the example needs neither a GPU nor a package; the
rest, steps, checkpoint, progress and stopping, is what a real agent does.
"""

import hashlib
import json
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import tandem

# How long one segment takes on one GPU, in seconds.
STEP_SECONDS = float(os.environ.get("AGENT_STEP_SECONDS", "0.05"))
# How many finished segments are between two checkpoints.
STEPS_PER_CHECKPOINT = int(os.environ.get("AGENT_STEPS_PER_CHECKPOINT", "4"))
GPUS = int(os.environ.get("AGENT_GPUS", "4"))
# Where each step that really runs is noted, one line each; for tests.
JOURNAL = os.environ.get("AGENT_JOURNAL")


class Interrupted(Exception):
    """The agent was told to stop before it was done."""


def perform(key, work):
    """Runs one step; this is where the GPU would be busy."""
    time.sleep(STEP_SECONDS)
    result = work()
    if JOURNAL:
        with open(JOURNAL, "a", encoding="utf-8") as journal:
            journal.write(key + "\n")
    return result


def describe(video, segment):
    """Plays the model that watches a segment."""
    digest = hashlib.sha256(f"{video}/{segment}".encode()).hexdigest()
    return {"segment": segment, "scene": digest[:12], "people": int(digest[12:14], 16) % 5}


def work(job, request):
    """Works on a job from wherever the attempt before has left it."""
    video, count = str(request["video"]), int(request["segments"])
    # Cheap to ask for; an attempt that resumes need not ask for each step.
    checkpoint = json.loads(job.load() or b'{"done": []}')
    done = {entry["segment"]: entry for entry in checkpoint["done"]}
    job.step("plan", lambda: perform("plan", lambda: {"video": video, "segments": count}))

    missing = [segment for segment in range(count) if segment not in done]
    with ThreadPoolExecutor(GPUS) as gpus:
        for start in range(0, len(missing), GPUS):
            if job.stop():
                job.save(json.dumps({"done": list(done.values())}).encode())
                raise Interrupted
            batch = missing[start : start + GPUS]
            for entry in gpus.map(lambda segment: watch(job, video, segment), batch):
                done[entry["segment"]] = entry
                job.output(f"segment {entry['segment']}: {entry['people']} people\n")
            job.progress(100 * len(done) / count, f"segment {len(done)} of {count}")
            if len(done) // STEPS_PER_CHECKPOINT > (len(done) - len(batch)) // STEPS_PER_CHECKPOINT:
                job.save(json.dumps({"done": list(done.values())}).encode())

    ordered = [done[segment] for segment in range(count)]
    return job.step("report", lambda: perform("report", lambda: report(video, ordered)))


def watch(job, video, segment):
    key = f"segment-{segment:04d}"
    return job.step(key, lambda: perform(key, lambda: describe(video, segment)))


def report(video, entries):
    digest = hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()
    return {"video": video, "segments": len(entries), "people": sum(e["people"] for e in entries), "digest": digest}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200 if self.path == "/ping" else 404, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.answer(200, work(tandem.Job.from_headers(self.headers), json.loads(body)))
        except Interrupted:
            # Anything but a 2xx says that this is not the result.
            self.answer(503, {"error": "interrupted"})
        except tandem.Over:
            self.answer(409, {"error": "the attempt is over"})
        except (KeyError, TypeError, ValueError) as error:
            self.answer(400, {"error": f"the job cannot be read: {error}"})

    def answer(self, status, body):
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        """The worker logs."""


def serve():
    server = ThreadingHTTPServer((os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)


def run():
    # The worker tells why; all there is to do is to save and end.
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        print(json.dumps(work(tandem.Job.from_environ(os.environ), json.load(sys.stdin))))
    except (Interrupted, tandem.Over):
        sys.exit(75)  # EX_TEMPFAIL: not done, and not failed


if __name__ == "__main__":
    run() if sys.argv[1:] == ["run"] else serve()
