"""Runs schemathesis against `tandem local`: a deployment in one process, on memory.

usage: run.py TANDEM [--seed N] [--examples N]

Ends with 0 only if no answer was a server error or one that openapi.yaml does
not describe. The last line tells the verdict.
"""

import argparse
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
# use_after_free is left out: DELETE cancels a job, which stays readable.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,"
    "allow_header_conformance,ensure_resource_availability,ignored_auth"
)

# An input on which the model works long enough to be told to stop.
HOLD = "hold"


class Model(http.server.BaseHTTPRequestHandler):
    """A model container that is done with any input but HOLD at once: nobody waits for a retry."""

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"null"
        if json.dumps(HOLD).encode() in body:
            time.sleep(2)
        self.answer(body)

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve_model():
    """Serves the model until this program ends, and returns where."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return "http://127.0.0.1:%d" % server.server_port


def call(deployment, method, path, body=None):
    """Calls the API and returns its answer."""
    request = urllib.request.Request(
        deployment["url"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + deployment["key"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def cancelled(deployment, worker):
    """Submits a job, cancels it and returns its id once it has ended."""
    job = call(deployment, "POST", "/v1/jobs", {"worker": worker, "input": HOLD})
    call(deployment, "DELETE", "/v1/jobs/" + job["id"])
    while job["state"] in ("queued", "running"):
        time.sleep(0.05)
        job = call(deployment, "GET", "/v1/jobs/" + job["id"])
    return job["id"]


def fuzz(deployment, options):
    """Runs schemathesis and returns its status and how many cases it tried."""
    worker = deployment["workers"][0]
    ids = [call(deployment, "POST", "/v1/jobs", {"worker": worker, "input": {"text": "one " * n}})["id"] for n in range(8)]
    stopped = [cancelled(deployment, worker) for _ in range(4)]
    environment = dict(
        os.environ,
        SCHEMATHESIS_HOOKS=str(HERE / "hooks.py"),
        APIFUZZ_KNOWN=json.dumps({"workers": deployment["workers"], "models": deployment["models"], "jobs": ids + stopped, "stopped": stopped}),
        PYTHONDONTWRITEBYTECODE="1",
    )
    command = [
        str(pathlib.Path(sys.executable).parent / "schemathesis"), "run", deployment["url"] + "/openapi.yaml",
        "--url", deployment["url"], "--header", "Authorization: Bearer " + deployment["key"],
        "--checks", CHECKS, "--continue-on-failure", "--request-timeout", "30",
        "--max-examples", str(options.examples), "--seed", str(options.seed), "--warnings", "off",
    ]
    with tempfile.TemporaryDirectory() as scratch:  # schemathesis keeps its examples in the working directory
        run = subprocess.run(command, env=environment, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    # A key that was printed is a key that somebody keeps.
    print(run.stdout.replace(deployment["key"], "KEY"))
    cases = re.search(r"(\d+) generated", run.stdout)
    return run.returncode, int(cases.group(1)) if cases else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tandem")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryFile("w+") as log:
        command = [options.tandem, "local", "--json", "--verbose", "--port", "0", "--model", serve_model()]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            status, cases = fuzz(json.loads(server.stdout.readline()), options)
            gone = server.poll() is not None
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)
        log.seek(0)
        panics = [line for line in log if "panic" in line]
    if status or panics or gone or not cases:
        print(*panics[:5], sep="")
        sys.exit(f"FAIL: {cases} requests with seed {options.seed}: see above" + (", the server ended by itself" if gone else ""))
    print(f"PASS: {cases} requests with seed {options.seed}, 0 server errors, 0 undocumented answers")


main()
