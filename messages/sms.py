"""The length of a text as an SMS, and the fold that keeps it in the cheap alphabet.

Sources: 3GPP TS 23.038 (the two tables), 3GPP TS 23.040 (140 octets a part, 6 for a header).
The counts agree with the provider's public segment calculator: what a reader sees as one sign is never split.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["GSM-7", "UCS-2"]

GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION: Final = frozenset("\f^{}\\[~]|€")

# (alone, joined): 140 octets are 160 septets or 70 UTF-16 units; the header of a joined part takes 6 octets.
_ROOM: Final[dict[Encoding, tuple[int, int]]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}

_GSM_ALL: Final = GSM_BASIC | GSM_EXTENSION
# What a folded text may hold without a second look: no carriage return and no form feed.
_FINISHED: Final = _GSM_ALL - {"\r", "\f"}
_GREEK: Final = frozenset("ΔΦΓΛΩΠΨΣΘΞ")

_ZWJ: Final = "\u200d"
_ZWNJ: Final = "\u200c"
_LINE_ENDS: Final = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
# Zero-width signs and direction marks, and halves of surrogate pairs. The joiners are judged later.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)

_STAND_INS: Final[dict[str, str]] = {
    **dict.fromkeys("‘’‚‛′‵`´ʹʼʻʽ", "'"),
    **dict.fromkeys("“”„‟″‶«»〝〞", '"'),
    **dict.fromkeys("‹", "<"),
    **dict.fromkeys("›", ">"),
    **dict.fromkeys("‐‑‒–—―−﹘﹣⁃•‣▪●", "-"),
    **dict.fromkeys("·∙⋅", "."),
    **dict.fromkeys("⁄∕÷", "/"),
    **dict.fromkeys("×✕", "x"),
    **{pair[0]: pair[1:] for pair in "→-> ←<- ⇒=> ±+- ≤<= ≥>= ≈~ ©(c) ®(r)".split()},
    # Latin letters that Unicode does not take apart.
    **{pair[0]: pair[1:] for pair in "łl ŁL đd ĐD ðd ÐD þth ÞTh ħh ĦH ıi œoe ŒOE ŋng ŊNG ŧt ŦT ĸk ſs ẞß".split()},
    **{pair[0]: pair[1:] for pair in "əe ƏE ƒf ɓb ƁB ɗd ƊD ƙk ƘK ɨi ƗI ɛe ƐE ɔo ƆO ƴy ƳY".split()},
}


@dataclass(frozen=True, slots=True)
class Size:
    """How a text goes out: `units` are septets for GSM-7 and UTF-16 units for UCS-2, padding left out."""

    encoding: Encoding
    segments: int
    units: int


def measure(text: str) -> Size:
    """The encoding, parts and units of `text` exactly as it stands; an empty text has no part."""
    if _GSM_ALL.issuperset(text):
        costs = [2 if sign in GSM_EXTENSION else 1 for sign in text]
        return _pack("GSM-7", costs)
    return _pack("UCS-2", [cost for cluster in _clusters(text) for cost in _ucs2_costs(cluster)])


def fits(text: str, segments: int = 2) -> bool:
    """Whether `text` goes out in at most so many parts."""
    return measure(text).segments <= segments


def fold(text: str) -> str:
    """`text` in signs that an SMS carries cheaply; letters are kept or become their base letter, never a question mark.

    NFC comes first, then quotes, dashes, spaces and accented Latin letters that are outside GSM-7 get a stand-in. Emoji
    and other scripts stay as they are. Folding a folded text changes nothing.
    """
    while not _FINISHED.issuperset(text):
        folded = _fold_once(text)
        if folded == text:
            break
        text = folded
    return text


def _pack(encoding: Encoding, costs: list[int]) -> Size:
    alone, joined = _ROOM[encoding]
    units = sum(costs)
    if units <= alone:
        return Size(encoding, 1 if units else 0, units)
    parts, used = 1, 0
    for cost in costs:
        if used + cost > joined:
            parts, used = parts + 1, 0
        used += cost
    return Size(encoding, parts, units)


def _clusters(text: str) -> list[str]:
    """The signs that a reader sees as one: accents, joined emoji, skin tones and flags stay together."""
    clusters: list[str] = []
    for sign in text:
        if clusters and _continues(clusters[-1], sign):
            clusters[-1] += sign
        else:
            clusters.append(sign)
    return clusters


def _continues(cluster: str, sign: str) -> bool:
    if sign < "\u0300":
        return False
    if _is_flag_half(sign):
        return len(cluster) == 1 and _is_flag_half(cluster)
    if sign in (_ZWJ, _ZWNJ) or "\U0001f3fb" <= sign <= "\U0001f3ff" or "\U000e0020" <= sign <= "\U000e007f":
        return cluster not in ("\n", "\r")
    if cluster[-1] == _ZWJ and sign > "\u2000":
        return True
    return unicodedata.category(sign) in ("Mn", "Me", "Mc") and cluster not in ("\n", "\r")


def _is_flag_half(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _ucs2_costs(cluster: str) -> list[int]:
    costs = [2 if sign > "\uffff" else 1 for sign in cluster]
    # A heap of accents larger than a part has to be split somewhere: between code points.
    return [sum(costs)] if sum(costs) <= _ROOM["UCS-2"][1] else costs


def _fold_once(text: str) -> str:
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    out: list[str] = []
    for place, sign in enumerate(text):
        if sign in _FINISHED:
            out.append(sign)
        elif unicodedata.category(sign) in ("Mn", "Me", "Mc") or sign in (_ZWJ, _ZWNJ):
            if _belongs(out, sign, text[place + 1 : place + 2]):
                out.append(sign)
        else:
            stand_in = _stand_in(sign)
            out.append(sign if stand_in is None else stand_in)
    return "".join(out)


def _belongs(out: list[str], sign: str, following: str) -> bool:
    """Whether a mark or a joiner has something outside GSM-7 to stand on (a joiner: on both sides)."""
    before = bool(out) and bool(out[-1]) and out[-1][-1] not in _GSM_ALL
    if sign in (_ZWJ, _ZWNJ):
        return before and bool(following) and following not in _GSM_ALL
    return before


def _stand_in(sign: str) -> str | None:
    """The GSM-7 writing of one sign, "" for a control sign, None when there is no fair one."""
    known = _STAND_INS.get(sign)
    if known is not None:
        return known
    kind = unicodedata.category(sign)
    if kind == "Zs" or sign == "\t":
        return " "
    if kind == "Cc":
        return ""
    parts = unicodedata.decomposition(sign).split()
    if not parts:
        return None
    signs = [chr(int(part, 16)) for part in parts if not part.startswith("<")]
    folded = [_part(part) for part in signs]
    if any(part is None for part in folded) or not any(folded):
        return None
    return "".join(part for part in folded if part)


def _part(sign: str) -> str | None:
    if sign in _FINISHED:
        return None if sign in _GREEK else sign
    if unicodedata.combining(sign):
        return ""
    return _stand_in(sign)
