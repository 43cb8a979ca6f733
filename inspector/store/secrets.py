"""What looks like a secret is masked in what the inspector writes down: recordings and exports.

By the name it goes by (`password`, `api_key`, `Authorization`, ...), whatever it looks like; and by its looks (API
keys, tokens, private keys, `Bearer ...`), wherever it stands. Both lists can be added to, in `secrets.toml` beside the
checkpoint file:

    names = ["customer_code"]       # of fields; letters alone count: customerCode and customer-code too
    shapes = ['ACME-\\d{8}']         # regular expressions
    keep = ["token"]                # names that are not to be masked

The limits: a secret under a harmless name that looks like ordinary text is not recognised; of a secret that a model
says token by token, the beginning that everybody knows (`sk-`) may stay. Checkpoints are LangGraph's and hold what the
graph put there; nothing is masked in them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ormsgpack

from inspector.errors import StoreError

MASK = "[masked]"
FILE = "secrets.toml"

# Letters and digits of the name alone, in lower case. A field is secret whose name ends in one of them.
NAMES = (
    "password", "passwd", "passphrase", "secret", "apikey", "accesskey", "secretkey", "privatekey", "signingkey",
    "encryptionkey", "accesstoken", "authtoken", "refreshtoken", "idtoken", "bearertoken", "sessiontoken", "apitoken",
    "authorization", "cookie", "credentials", "connectionstring", "subscriptionkey", "secretaccesskey",
)  # fmt: skip
_VAGUE = ("token", "key", "auth")  # names that are secret only where the value looks like one

SHAPES = (
    r"sk-[A-Za-z0-9_-]{16,}",  # OpenAI, Anthropic and others
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}",  # Stripe
    r"gh[pousr]_[A-Za-z0-9]{20,}", r"github_pat_[A-Za-z0-9_]{20,}", r"glpat-[A-Za-z0-9_-]{16,}",
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    r"AIza[0-9A-Za-z_-]{30,}",
    r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    r"hf_[A-Za-z0-9]{20,}", r"lsv2_[a-z]{2}_[A-Za-z0-9_]{20,}", r"tvly-[A-Za-z0-9_-]{16,}", r"gsk_[A-Za-z0-9]{20,}",
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",  # a JWT
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
)  # fmt: skip
_WITHIN = (  # other text comes right before it
    r"(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{8,}", r"(?<=[Bb]asic )[A-Za-z0-9+/=]{12,}",
    r"(?<=://)[^\s/:@]+:[^\s/@]+(?=@)",  # user and password in an address
)  # fmt: skip
# Beginnings of the above: at the end of a text that is still being written they may become one.
_BEGINNING = re.compile(
    r"(?<![A-Za-z0-9])(?:sk-|[srp]k_(?:live|test)_|gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|AIza|xox[abeoprs]-|hf_|lsv2_|tvly-|gsk_|eyJ|"
    r"[Bb]earer (?=.)|[Bb]asic (?=.)|://[^\s/:@]+:)(?P<rest>[A-Za-z0-9._~+/=-]*)\Z"
)
_SAID = (  # `password = hunter2` in a text
    r"(?i:(?<![A-Za-z0-9])(?:[a-z0-9]+[_-])*(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|"
    r"secret[_-]?key|private[_-]?key|(?:access|auth|refresh|session|bearer|api)[_-]?token|authorization)"
    r"[\"']?\s*[:=]\s*[\"']?)(?P<said>(?:(?:[Bb]earer|[Bb]asic) )?[^\s\"',;}\]]{4,})"
)
# What has to be in a packed value for a closer look to pay; names are looked for by their letters and digits alone.
_HINTS = (
    b"sk-", b"k_live_", b"k_test_", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-", b"AKIA",
    b"ASIA", b"AIza", b"xox", b"hf_", b"lsv2_", b"tvly-", b"gsk_", b"eyJ", b"earer ", b"asic ", b"PRIVATE KEY",
    *(bytes((0xA0 + len(name),)) + cased.encode() for name in _VAGUE for cased in (name, name.title(), name.upper())),
)  # fmt: skip
_BARE = bytes.maketrans(bytes(range(65, 91)), bytes(range(97, 123)))
_BUT_LETTERS = bytes(set(range(256)) - set(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
_PACKING = ormsgpack.OPT_NON_STR_KEYS


class Masker:
    """Masks what looks like a secret. Values come back as they are, the same object, where there is nothing to mask."""

    def __init__(self, names: Iterable[str] = (), shapes: Iterable[str] = (), keep: Iterable[str] = ()) -> None:
        """Raises `StoreError` for a shape that is no regular expression."""
        self._keep = frozenset(map(_bare, keep))
        self._names = tuple(name for name in (*NAMES, *map(_bare, names)) if name and name not in self._keep)
        own = []
        for shape in shapes:
            try:
                re.compile(shape)
                own.append(f"(?:{shape})")
            except re.error as error:
                raise StoreError(f"{shape!r} in {FILE} is no regular expression: {error}.") from None
        self._shapes = re.compile("|".join([_SAID, *own, *_WITHIN, f"(?<![A-Za-z0-9])(?:{'|'.join(SHAPES)})"]))
        self._bare_names = tuple(name.encode() for name in self._names)
        self._own = re.compile("|".join(own).encode()) if own else None
        self._known: dict[Any, int] = {}

    @classmethod
    def beside(cls, db: Path) -> Masker:
        """With what `secrets.toml` beside a checkpoint file adds. Raises `StoreError` where it cannot be read."""
        path = db.with_name(FILE)
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            raise StoreError(f"{path} cannot be read: {error}. Secrets are masked by the built-in list.") from None
        lists = {name: given.get(name, []) for name in ("names", "shapes", "keep")}
        for name, entries in lists.items():
            if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
                raise StoreError(
                    f"{path}: `{name}` has to be a list of texts. Secrets are masked by the built-in list."
                )
        return cls(**lists)

    # ------------------------------------------------------------------ texts

    def text(self, text: str) -> str:
        """The text with every secret in it masked."""
        pieces, at = [], 0
        for start, stop in self.places(text):
            pieces += [text[at:start], MASK]
            at = stop
        return "".join([*pieces, text[at:]]) if pieces else text

    def places(self, text: str, *, growing: bool = False) -> list[tuple[int, int]]:
        """Where the secrets of a text are, as (start, stop), ascending. Of a text that is `growing`, an end that may
        become one counts."""
        found: list[tuple[int, int]] = []
        likely = len(text) >= 8 and self._suspicious(text.encode("utf-8", "replace"))
        for match in self._shapes.finditer(text) if likely else ():
            place = match.span("said") if match["said"] is not None else match.span()
            if place[0] < place[1]:
                found.append(place)
        if growing and (match_ := _BEGINNING.search(text, max(0, len(text) - 200))) and match_["rest"]:
            start = match_.start("rest")
            if not found or found[-1][1] <= start:
                found.append((start, len(text)))
        return found

    # ------------------------------------------------------------------ values

    def is_secret(self, name: Any, value: Any) -> bool:
        """Whether what goes by this name is to be masked as a whole."""
        if not isinstance(name, str) or len(name) > 100:
            return False
        kind = self._known.get(name)
        if kind is None:
            bare = _bare(name)
            kind = 0 if bare in self._keep else 2 if bare.endswith(self._names) else 1 if bare in _VAGUE else 0
            if len(self._known) < 10_000:
                self._known[name] = kind
        return kind == 2 or (kind == 1 and isinstance(value, str) and len(value) >= 16 and _RANDOM(value) is not None)

    def value(self, value: Any) -> Any:
        """A plain or inert value (`core.values`; what is packed in extensions too) with its secrets masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            masked = {
                key: _hidden(each) if self.is_secret(key, each) else self.value(each) for key, each in value.items()
            }
            return masked if any(masked[key] is not value[key] for key in masked) else value
        if isinstance(value, list):
            if len(value) == 2 and isinstance(value[1], (str, bytes)) and self.is_secret(value[0], value[1]):
                return [value[0], MASK]  # a header as a pair
            items = [self.value(each) for each in value]
            return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
        return value

    def packed(self, blob: bytes) -> bytes:
        """A packed preview (msgpack, with LangGraph's extensions) with its secrets masked."""
        if len(blob) < 12 or not self._suspicious(blob):
            return blob
        try:
            return self._repacked(blob, 0)
        except Exception:  # not msgpack after all; nothing shows it
            return blob

    def _suspicious(self, blob: bytes) -> bool:
        """Whether there may be a secret in a text or a packed value, told from its bytes: most have none."""
        if any(hint in blob for hint in _HINTS) or (b"://" in blob and b"@" in blob):
            return True
        bare = blob.translate(_BARE, _BUT_LETTERS)
        return any(name in bare for name in self._bare_names) or bool(self._own and self._own.search(blob))

    def _repacked(self, blob: bytes, depth: int) -> bytes:
        changed = False

        def extension(code: int, data: bytes) -> Any:
            nonlocal changed
            inner = self._repacked(data, depth + 1) if depth < 64 else data
            changed = changed or inner is not data
            return ormsgpack.Ext(code, inner)

        value = ormsgpack.unpackb(blob, ext_hook=extension, option=_PACKING)
        masked = self.value(value)
        if masked is value and not changed:
            return blob
        return ormsgpack.packb(masked, option=_PACKING)


_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9._~+/=:-]{16,}\Z").match


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _hidden(value: Any) -> Any:
    """Of a secret, what is left: nothing but that there is one."""
    if isinstance(value, dict):
        return {key: _hidden(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_hidden(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float)) or value == "" else MASK
