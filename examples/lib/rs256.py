"""RSA private keys in the forms that people paste them in, and RS256 by them. For a product take a library."""

import base64
import hashlib
import json

DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
PARTS = ("n", "e", "d", "p", "q", "dp", "dq", "qi")


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def members(der):
    """Tags and contents of what a DER sequence holds, one level deep."""
    found, at = [], 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size], "big"), at + size
        found.append((tag, der[at : at + length]))
        at += length
    return found


def jwk_of(pem, kid=None):
    """A private JWK of PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`)."""
    der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))
    sequence = members(members(der)[0][1])
    if "BEGIN PRIVATE KEY" in pem:
        sequence = members(members(sequence[2][1])[0][1])
    key = {"kty": "RSA"}
    for name, (_, number) in zip(PARTS, sequence[1:]):
        key[name] = b64url(number.lstrip(b"\0"))
    if kid:
        key["kid"] = kid
    return key


def pkcs1_of(pem):
    """The same key under the older label, as `openssl rsa -traditional` writes it."""
    der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))
    inner = base64.b64encode(members(members(der)[0][1])[2][1]).decode()
    lines = "\n".join(inner[at : at + 64] for at in range(0, len(inner), 64))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----\n"


def public(jwk):
    """The half of the key that an app is given."""
    return {name: jwk[name] for name in ("kty", "kid", "n", "e") if name in jwk} | {"use": "sig", "alg": "RS256"}


def jwt(claims, jwk):
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": jwk["kid"]} if "kid" in jwk else {})
    signed = ".".join(b64url(json.dumps(part).encode()) for part in (header, claims))
    modulus, private = (int.from_bytes(unb64url(jwk[name]), "big") for name in ("n", "d"))
    size = (modulus.bit_length() + 7) // 8
    digest = DIGEST_INFO + hashlib.sha256(signed.encode()).digest()
    padded = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
    signature = pow(int.from_bytes(padded, "big"), private, modulus).to_bytes(size, "big")
    return signed + "." + b64url(signature)


def claims(token):
    """What a JWT says; its signature is not looked at."""
    return json.loads(unb64url(token.split(".")[1]))
