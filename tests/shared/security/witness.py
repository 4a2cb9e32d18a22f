"""A second party that cosigns heads of the log."""

from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.security.notes import COSIGNATURE_TYPE, cosigned_message, key_id, vkey


class Witness:
    """A witness with a key of its own."""

    def __init__(self, name: str = "witness.example/w1") -> None:
        self.name, self.key = name, Ed25519PrivateKey.generate()
        self._content = bytes([COSIGNATURE_TYPE]) + self.key.public_key().public_bytes_raw()
        self.vkey = vkey(name, key_id(name, self._content), self._content)

    def cosign(self, text: str, seconds: int = 1_764_000_000) -> str:
        """Its signature line over a checkpoint's text, without end of line."""
        signature = seconds.to_bytes(8, "big") + self.key.sign(cosigned_message(text, seconds))
        return f"— {self.name} {b64encode(key_id(self.name, self._content) + signature).decode()}"

    def write_key(self, directory: Path) -> Path:
        """A file that lists it."""
        path = directory / "witnesses.vkeys"
        path.write_text(f"# those who cosign\n{self.vkey}\n", encoding="utf-8")
        return path
