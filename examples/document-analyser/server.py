"""A model container: counts words and picks the sentences that say most.

It speaks the contract of SageMaker's containers, GET /ping and
POST /invocations, and knows nothing of Tandem. A chat request in OpenAI's shape
is a document too: the text of its messages from the user. The analysis is small and
deterministic on purpose: it stands where your model would.
"""

import json
import os
import re
import signal
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_INPUT = 64 << 20  # bytes
COMMON = frozenset(
    "a an and are as at be by for from has have in is it its not of on or that the this to was were which will with".split()
)


def analyse(text):
    """Returns counts, the most frequent words and a summary of a text."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower())
    sentences = [s.strip() for s in re.split(r"(?<=[.!?])\s+", text.strip()) if s.strip()]
    weight = Counter(w for w in words if w not in COMMON and len(w) > 2)
    # Ties are broken by the alphabet, so that the same text gives the same answer.
    top = sorted(weight.items(), key=lambda item: (-item[1], item[0]))[:10]
    return {
        "characters": len(text),
        "words": len(words),
        "sentences": len(sentences),
        "topWords": [{"word": word, "count": count} for word, count in top],
        "summary": summarise(sentences, weight),
    }


def summarise(sentences, weight, limit=3):
    """Picks the sentences with the weightiest words, in the order of the text."""

    def score(sentence):
        words = re.findall(r"[^\W\d_]+", sentence.lower())
        return sum(weight[word] for word in words) / (len(words) or 1)

    best = sorted(range(len(sentences)), key=lambda i: (-score(sentences[i]), i))[:limit]
    return " ".join(sentences[i] for i in sorted(best))


def text_of(body, content_type):
    """Returns the document: a body of text, or the field text or messages of a JSON object."""
    decoded = body.decode("utf-8", errors="replace")
    if content_type.split(";")[0].strip() != "application/json":
        return decoded
    document = json.loads(decoded)
    if isinstance(document, dict) and isinstance(document.get("text"), str):
        return document["text"]
    if isinstance(document, dict) and isinstance(document.get("messages"), list):
        return "\n\n".join(part for message in document["messages"] for part in parts_of(message))
    raise ValueError('expected a JSON object with a field "text" or "messages"')


def parts_of(message):
    """Yields the texts of a message from the user: its content, or the text parts of it."""
    if not isinstance(message, dict) or message.get("role") != "user":
        return
    content = message.get("content")
    for part in [{"text": content}] if isinstance(content, str) else content or []:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            yield part["text"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/ping":
            self.answer(200, {"status": "ok"})
        else:
            self.answer(404, {"error": "no such path"})

    def do_POST(self):
        if self.path != "/invocations":
            self.answer(404, {"error": "no such path"})
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_INPUT:
            self.close_connection = True
            self.answer(413, {"error": f"a document has at most {MAX_INPUT} bytes"})
            return
        body = self.rfile.read(length)
        try:
            text = text_of(body, self.headers.get("Content-Type", "text/plain"))
        except ValueError as error:
            self.answer(400, {"error": str(error)})
            return
        self.answer(200, analyse(text))

    def answer(self, status, body):
        raw = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        """Says nothing: a path may be logged by whoever stands in front."""


class Server(ThreadingHTTPServer):
    daemon_threads = False  # an answer under way is finished
    request_queue_size = 128


def main():
    server = Server((os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))), Handler)
    # A container's first process gets no signal that it does not ask for.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"listening on port {server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
