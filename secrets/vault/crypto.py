"""AES-256-GCM (NIST SP 800-38D) with a key that lives outside the database."""

import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class CannotOpen(Exception):
    """The ciphertext does not open: another key, another place, or changed bytes."""


@dataclass(frozen=True)
class Sealed:
    """key_id says which key sealed it; nonce is 12 bytes, never used twice with one key."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


def _key() -> tuple[str, bytes]:
    key = hashlib.sha256(settings.MASTER_KEY.encode()).digest()
    return hashlib.sha256(b"keelway key id" + key).hexdigest()[:16], key


def seal(plain: str, bound_to: str) -> Sealed:
    """Encrypt `plain` so that it opens only together with `bound_to`, the place where it belongs."""
    key_id, key = _key()
    nonce = secrets.token_bytes(12)
    return Sealed(key_id, nonce, AESGCM(key).encrypt(nonce, plain.encode(), f"{key_id}|{bound_to}".encode()))


def unseal(sealed: Sealed, bound_to: str) -> str:
    """The plain text. CannotOpen says which key would be needed, or that the bytes or their place were changed."""
    key_id, key = _key()
    if sealed.key_id != key_id:
        raise CannotOpen(f"it was sealed with key {sealed.key_id}, and this server has key {key_id}")
    try:
        opened = AESGCM(key).decrypt(sealed.nonce, sealed.ciphertext, f"{key_id}|{bound_to}".encode())
    except InvalidTag:
        raise CannotOpen(f"the sealed bytes of {bound_to} are not as they were written") from None
    return opened.decode()
