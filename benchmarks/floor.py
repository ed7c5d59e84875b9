"""The floor: a bare Flask app that parses the body with the standard library and answers one fixed card."""

from __future__ import annotations

import json

from flask import Flask, Response, jsonify, request

app = Flask(__name__)
_CARD = {"summary": "Fixed", "indicator": "info", "source": {"label": "floor"}}


@app.post("/cds-services/<service_id>")
def call(service_id: str) -> Response:
    """One fixed card, whatever was sent."""
    json.loads(request.get_data())
    return jsonify(cards=[_CARD])
