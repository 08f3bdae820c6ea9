"""What a container may ask of the worker beside it. Copy this file.

Only the standard library is used. Every call is a plain HTTP request, described
in docs/local-api.md, so any other language does as well.

    job = Job.from_headers(request.headers)     # in a server, per invocation
    job = Job.from_environ(os.environ)          # in a command

    text = job.step("transcribe", lambda: transcribe(video))   # runs once
    job.save(pickle.dumps(state)); state = job.load()          # a checkpoint
    job.progress(40, "segment 4 of 10")
    job.output("partial text")
    if job.stop(): ...                                         # save and end
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request


class Over(Exception):
    """This attempt at the job has ended: it runs elsewhere, or is cancelled."""


class Job:
    """One attempt at one job."""

    def __init__(self, api, job, attempt):
        self.api, self.id, self.attempt = api.rstrip("/"), job, attempt

    @classmethod
    def from_headers(cls, headers):
        """Reads the headers of an invocation."""
        return cls(headers["X-Tandem-Api"], headers["X-Tandem-Job"], headers["X-Tandem-Attempt"])

    @classmethod
    def from_environ(cls, environ):
        """Reads the variables of a command."""
        return cls(environ["TANDEM_API"], environ["TANDEM_JOB_ID"], environ["TANDEM_ATTEMPT"])

    def step(self, key, run):
        """Returns the stored result of a step, or runs it and stores what it returns.

        The result must be something that JSON can hold. A step that was stored
        is never run again, in whatever attempt.
        """
        path = "/steps/" + urllib.parse.quote(key, safe="")
        stored = self._call("GET", path)
        if stored is None:
            result = json.dumps(run()).encode()
            # Another attempt may have been faster: its result is the one that counts.
            stored = self._call("PUT", path, result, "application/json") or result
        return json.loads(stored)

    def save(self, data):
        """Replaces the job's checkpoint with these bytes."""
        self._call("PUT", "/checkpoint", data)

    def load(self):
        """Returns the last checkpoint, or None."""
        return self._call("GET", "/checkpoint")

    def progress(self, percent, message=""):
        """Tells whoever watches the job how far it is, from 0 to 100."""
        self._call("PUT", "/progress", json.dumps({"percent": percent, "message": message}).encode())

    def output(self, text):
        """Sends a piece of partial output to whoever watches the job."""
        self._call("POST", "/output", text.encode())

    def describe(self):
        """Returns the job: its deadline, the seconds left, its metadata."""
        return json.loads(self._call("GET", "/job"))

    def stop(self, wait=0):
        """Returns why and until when to stop, or None. Waits up to 60 seconds to be told."""
        answer = self._call("GET", f"/stop?wait={wait}", timeout=wait + 30)
        return json.loads(answer) if answer else None

    def _call(self, method, path, body=None, content_type="application/octet-stream", timeout=300):
        headers = {"X-Tandem-Job": self.id, "X-Tandem-Attempt": self.attempt, "Content-Type": content_type}
        for attempt in range(8):
            request = urllib.request.Request(self.api + path, data=body, headers=headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=timeout) as response:
                    return response.read()
            except urllib.error.HTTPError as error:
                detail = error.read().decode(errors="replace")
                if error.code == 404:
                    return None
                if error.code == 409:
                    raise Over(detail) from None
                if error.code not in (429, 503):
                    raise RuntimeError(f"{method} {path}: {error.code} {detail}") from None
            # The store had a moment; the worker says when it is no use any more.
            time.sleep(min(0.25 * 2**attempt, 10))
        raise RuntimeError(f"{method} {path}: the worker's store does not answer")
