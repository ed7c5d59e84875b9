"""A FHIR server without any data that answers every query after 50 ms."""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DELAY = 0.05


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two of them would wait for each other's receipt

    def do_GET(self) -> None:
        """Whatever is asked for, after the delay."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(DELAY)
        body = json.dumps(_answer(self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is logged."""


def _answer(path: str) -> dict[str, Any]:
    parts = path.strip("/").split("/")
    if parts[0] == "metadata":
        return {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
    if parts[0] == "Patient":
        return {"resourceType": "Patient", "id": parts[-1], "birthDate": "1996-09-07"}
    return {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": []}


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Handler).serve_forever()
