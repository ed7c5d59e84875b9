"""Calls that carry a token each, as those of a listed client do: its keys, its site file and its tokens."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from benchmarks.client import PATH

_ISSUER, _KID = "https://ehr.example.org", "benchmark"
PUBLIC_URL = "https://cds.example.org"


class Signer:
    """A client that signs by one algorithm, ES384 or RS384."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        elliptic = algorithm.startswith("ES")
        self._private = ec.generate_private_key(ec.SECP384R1()) if elliptic else rsa.generate_private_key(65537, 2048)
        public = self._private.public_key()
        kind = ECAlgorithm if elliptic else RSAAlgorithm
        self._jwk = json.loads(kind.to_jwk(public)) | {"kid": _KID, "use": "sig"}  # type: ignore[arg-type]
        self._jwk.pop("key_ops", None)

    def site(self, folder: Path) -> Path:
        """The file of a site that lists it."""
        keys = folder / f"{self.algorithm}.json"
        keys.write_text(json.dumps({"keys": [self._jwk]}), encoding="utf-8")
        file = folder / f"{self.algorithm}.toml"
        text = f'[[client]]\nname = "benchmark"\nissuer = "{_ISSUER}"\njwks_file = "{keys.name}"\n'
        file.write_text(text, encoding="utf-8")
        return file

    def tokens(self, count: int) -> Iterator[str]:
        """So many tokens, each for one call."""
        now = int(time.time())
        claims = {"iss": _ISSUER, "aud": f"{PUBLIC_URL}{PATH}", "iat": now, "exp": now + 3000}
        for _ in range(count):
            said = claims | {"jti": str(uuid4())}
            yield jwt.encode(said, self._private, self.algorithm, {"kid": _KID})
