"""What glyph names and the built-in encodings of PDF stand for (ISO 32000-1, annex D)."""

import re
import unicodedata

_NAMES = dict(pair.split("=", 1) for pair in """
    exclam=! quotedbl=" numbersign=# dollar=$ percent=% ampersand=& quotesingle='
    parenleft=( parenright=) asterisk=* plus=+ comma=, hyphen=- period=. slash=/ zero=0 one=1 two=2
    three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 colon=: semicolon=; less=< equal== greater=>
    question=? at=@ bracketleft=[ backslash=\\ bracketright=] asciicircum=^ underscore=_ grave=`
    braceleft={ bar=| braceright=} asciitilde=~ exclamdown=¡ cent=¢ sterling=£ currency=¤ yen=¥
    brokenbar=¦ section=§ dieresis=¨ copyright=© ordfeminine=ª guillemotleft=« logicalnot=¬
    registered=® macron=¯ degree=° plusminus=± acute=´ mu=µ paragraph=¶ periodcentered=· cedilla=¸
    onesuperior=¹ twosuperior=² threesuperior=³ ordmasculine=º guillemotright=» onequarter=¼
    onehalf=½ threequarters=¾ questiondown=¿ multiply=× divide=÷ AE=Æ ae=æ Oslash=Ø oslash=ø
    germandbls=ß Eth=Ð eth=ð Thorn=Þ thorn=þ OE=Œ oe=œ Lslash=Ł lslash=ł Dcroat=Đ dcroat=đ Hbar=Ħ
    hbar=ħ dotlessi=ı dotlessj=ȷ florin=ƒ fraction=⁄ quoteleft=‘ quoteright=’ quotesinglbase=‚
    quotedblleft=“ quotedblright=” quotedblbase=„ guilsinglleft=‹ guilsinglright=› endash=–
    emdash=— bullet=• ellipsis=… dagger=† daggerdbl=‡ perthousand=‰ trademark=™ Euro=€ minus=−
    circumflex=ˆ tilde=˜ caron=ˇ breve=˘ dotaccent=˙ ring=˚ hungarumlaut=˝ ogonek=˛
    ff=ff fi=fi fl=fl ffi=ffi ffl=ffl sfthyphen=\u00ad
    alpha=α beta=β gamma=γ delta=δ epsilon=ε epsilon1=ε zeta=ζ eta=η theta=θ theta1=ϑ iota=ι kappa=κ
    lambda=λ nu=ν xi=ξ omicron=ο pi=π rho=ρ sigma=σ sigma1=ς tau=τ upsilon=υ phi=φ phi1=ϕ chi=χ psi=ψ
    omega=ω Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Upsilon=Υ Phi=Φ Psi=Ψ Omega=Ω
    lessequal=≤ greaterequal=≥ notequal=≠ approxequal=≈ equivalence=≡ infinity=∞ element=∈
    arrowleft=← arrowright=→ arrowup=↑ arrowdown=↓ arrowboth=↔ arrowdblright=⇒ summation=∑ product=∏
    integral=∫ radical=√ partialdiff=∂ gradient=∇ logicaland=∧ logicalor=∨ intersection=∩ union=∪
    asteriskmath=∗ visiblespace=␣ check=✓ checkmark=✓ circlecopyrt=© prime=′ similar=∼ openbullet=◦ lozenge=◊
""".split())
_NAMES["space"] = _NAMES["nbspace"] = " "

_ACCENTS = {"acute": "\u0301", "grave": "\u0300", "circumflex": "\u0302", "dieresis": "\u0308",
            "tilde": "\u0303", "ring": "\u030a", "cedilla": "\u0327", "caron": "\u030c",
            "macron": "\u0304", "breve": "\u0306", "ogonek": "\u0328", "dotaccent": "\u0307",
            "hungarumlaut": "\u030b", "commaaccent": "\u0326"}
_ACCENTED = re.compile(f"([A-Za-z])({'|'.join(_ACCENTS)})")
_UNI = re.compile("uni((?:[0-9A-F]{4})+)|u([0-9A-F]{4,6})")

UNKNOWN = "\ufffd"


def glyph_text(name):
    """The text of a glyph name, or None (Adobe Glyph List Specification, cut to what occurs)."""
    name = name.split(".", 1)[0]
    if name in _NAMES:
        return _NAMES[name]
    if len(name) == 1 and name.isascii() and name.isalpha():
        return name
    accented = _ACCENTED.fullmatch(name)
    if accented:
        return unicodedata.normalize("NFC", accented[1] + _ACCENTS[accented[2]])
    uni = _UNI.fullmatch(name)
    if uni:
        points = re.findall("....", uni[1]) if uni[1] else [uni[2]]
        return "".join(chr(int(p, 16)) for p in points if int(p, 16) <= 0x10FFFF)
    if "_" in name:  # a ligature by its parts
        parts = [glyph_text(part) for part in name.split("_") if part]
        return "".join(parts) if parts and None not in parts else None
    return None


def _codec(name):
    return [bytes([code]).decode(name, "replace") for code in range(256)]


def _standard():
    table = [chr(code) if 32 <= code < 127 else UNKNOWN for code in range(256)]
    table[0x27], table[0x60] = "’", "‘"
    rows = {0xA1: "¡¢£⁄¥ƒ§¤'“«‹›", 0xB1: "–†‡·", 0xB6: "¶•‚„”»…‰", 0xBF: "¿", 0xC1: "`´ˆ˜¯˘˙¨",
            0xCA: "˚¸", 0xCD: "˝˛ˇ—", 0xE1: "Æ", 0xE3: "ª", 0xE8: "ŁØŒº", 0xF1: "æ", 0xF5: "ı",
            0xF8: "łøœß"}
    for start, characters in rows.items():
        table[start:start + len(characters)] = characters
    table[0xAE], table[0xAF] = "fi", "fl"
    return table


def _symbol():
    table = [chr(code) if 32 <= code < 127 else UNKNOWN for code in range(256)]
    table[0x41:0x5B] = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
    table[0x61:0x7B] = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
    for code, character in {0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAE: "→", 0xB0: "°",
                            0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠",
                            0xBB: "≈", 0xBC: "…", 0x2D: "−"}.items():
        table[code] = character
    return table


ENCODINGS = {"WinAnsiEncoding": _codec("cp1252"), "MacRomanEncoding": _codec("mac_roman"),
             "StandardEncoding": _standard(), "Symbol": _symbol()}
