"""What schemathesis cannot know from the document: which workers and jobs there are.

A generated worker name or job id that keeps to its pattern is replaced by one
that exists, nine times of ten; one that breaks the pattern is left alone, since
the API must refuse it.
"""

import hashlib
import json
import os
import re
import uuid

import schemathesis

KNOWN = json.loads(os.environ["APIFUZZ_KNOWN"])
WORKER = re.compile(r"[a-z][a-z0-9-]{0,31}")


def pick(seed, choices):
    """Chooses the same for the same seed; None once in ten times."""
    number = int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:4], "big")
    return None if number % 10 == 0 else choices[number // 10 % len(choices)]


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and isinstance(body.get("worker"), str) and WORKER.fullmatch(body["worker"]):
        return {**body, "worker": pick(body, KNOWN["workers"]) or body["worker"]}
    return body


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    try:
        uuid.UUID((path_parameters or {}).get("id"))
    except (TypeError, ValueError, AttributeError):
        return path_parameters
    chosen = pick(path_parameters["id"], KNOWN["jobs"])
    return {**path_parameters, "id": chosen} if chosen else path_parameters
