"""The published document as a measure: whether an answer is one that it tells of."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs
from flask import Flask
from werkzeug.wrappers import Response

from tests.web.bodies import Json


class Published:
    """The document of a running service."""

    def __init__(self, app: Flask) -> None:
        self.document: Json = app.test_client().get("/openapi.json").get_json()
        self._schema = cache(self._validator)

    def responses(self, path: str, method: str) -> Json:
        """What an operation may answer, by status, references resolved."""
        told: Json = self.document["paths"][path][method]["responses"]
        return {status: self._resolved(response) for status, response in told.items()}

    def wrong(self, path: str, method: str, response: Response) -> str:
        """What of an answer the document does not tell, "" if all is as it says."""
        told = self.responses(path, method).get(str(response.status_code))
        if told is None:
            return f"{response.status_code} is not told of"
        content = told.get("content")
        if content is None:
            return "a body that is not told of" if response.data else ""
        if response.mimetype not in content:
            return f"{response.mimetype} is not told of"
        missing = [name for name in told.get("headers", {}) if name not in response.headers]
        if missing:
            return f"without {missing}"
        return self._unlike(content[response.mimetype]["schema"], response) if response.is_json else ""

    def body(self, schema: Json, body: Any) -> str:
        """What of a body is against a schema of the document, "" if nothing is."""
        validator = self._schema(schema["$ref"]) if "$ref" in schema else self._whole(schema)
        return "; ".join(f"{error.instance_path}: {error.message}"[:300] for error in validator.iter_errors(body))

    def _unlike(self, schema: Json, response: Response) -> str:
        return self.body(schema, response.get_json())

    def _validator(self, reference: str) -> Any:
        return self._whole({"$ref": reference})

    def _whole(self, schema: Json) -> Any:
        """With all components beside it, so that its references lead somewhere."""
        inside = schema | {"components": self.document["components"]}
        return jsonschema_rs.Draft202012Validator(inside, validate_formats=True)

    def _resolved(self, part: Json) -> Json:
        if "$ref" not in part:
            return part
        found: Any = self.document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return dict(found)
