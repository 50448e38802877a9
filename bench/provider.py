"""An identity provider that asks nobody: a code names the user, and is good at once.

`python -m bench.provider PORT`. Discovery, keys and the token endpoint, on this machine only.
"""

from __future__ import annotations

import json
import sys
import time
from base64 import urlsafe_b64decode

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.credentials import CLIENT_ID, issuer_at

TOKEN_SECONDS = 300


def main() -> None:
    port = int(sys.argv[1])
    uvicorn.run(provider(issuer_at(port)), port=port, log_level="warning", access_log=False)


def provider(issuer: str) -> Starlette:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)

    async def discovery(_request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks",
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def keys(_request: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False)]})

    async def token(request: Request) -> Response:
        code = str((await request.form())["code"])
        named = json.loads(urlsafe_b64decode(code + "=" * (-len(code) % 4)))
        now = int(time.time())
        claims = {
            "iss": issuer,
            "sub": named["user"],
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "nonce": named["nonce"],
        }
        id_token = jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)
        return JSONResponse({"access_token": "none", "token_type": "Bearer", "id_token": id_token})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks", keys),
            Route("/token", token, methods=["POST"]),
        ]
    )


if __name__ == "__main__":
    main()
