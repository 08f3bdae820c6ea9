"""What schemathesis cannot know from the document: which workers, jobs and models there are.

A generated name of a worker or a model, or job id, that keeps to its pattern is replaced by one
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


def is_uuid(value):
    try:
        uuid.UUID(value)
    except (TypeError, ValueError, AttributeError):
        return False
    return True


@schemathesis.hook
def map_body(context, body):
    if not isinstance(body, dict):
        return body
    known = {}
    if isinstance(body.get("worker"), str) and WORKER.fullmatch(body["worker"]):
        known["worker"] = pick(body, KNOWN["workers"]) or body["worker"]
    if isinstance(body.get("jobs"), list):
        known["jobs"] = [pick(id, KNOWN["stopped"]) or id if is_uuid(id) else id for id in body["jobs"]]
    if isinstance(body.get("model"), str) and body["model"]:
        known["model"] = pick(body, KNOWN["models"]) or body["model"]
    return {**body, **known}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if isinstance((path_parameters or {}).get("model"), str) and path_parameters["model"]:
        return {**path_parameters, "model": pick(path_parameters["model"], KNOWN["models"]) or path_parameters["model"]}
    if not is_uuid((path_parameters or {}).get("id")):
        return path_parameters
    chosen = pick(path_parameters["id"], KNOWN["jobs"])
    return {**path_parameters, "id": chosen} if chosen else path_parameters
