#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Writes tables.h: single-octet character sets, and simple case folding.
# Usage: python3 imap-session/tables.py > imap-session/tables.h
import codecs

SETS = (
    [("iso-8859-%d" % n, ()) for n in range(2, 17) if n not in (12, 11)]
    + [("windows-%d" % n, ("cp%d" % n,)) for n in range(1250, 1259)]
    + [("koi8-r", ()), ("koi8-u", ()), ("macintosh", ("mac",)),
       ("ibm437", ("cp437",)), ("ibm850", ("cp850",)), ("ibm852", ("cp852",)),
       ("ibm855", ("cp855",)), ("ibm866", ("cp866",)),
       ("tis-620", ("iso-8859-11", "windows-874"))]
)
PYTHON = {"macintosh": "mac_roman", "tis-620": "cp874",
          "ibm437": "cp437", "ibm850": "cp850", "ibm852": "cp852",
          "ibm855": "cp855", "ibm866": "cp866"}


def high_half(name):
    out = []
    for byte in range(128, 256):
        try:
            char = bytes([byte]).decode(PYTHON.get(name, name))
        except UnicodeDecodeError:
            char = "\ufffd"
        out.append(ord(char))
    return out


def folding():
    pairs = []
    for cp in range(0x80, 0x1F000):
        if 0xD800 <= cp < 0xE000:
            continue
        folded = chr(cp).casefold()
        if len(folded) != 1:
            folded = chr(cp).lower()
        if len(folded) == 1 and ord(folded) != cp:
            pairs.append((cp, ord(folded) - cp))
    return pairs


def runs(pairs):
    out = []
    for cp, delta in pairs:
        if out:
            first, last, step, d = out[-1]
            gap = cp - last
            if d == delta and gap in (1, 2) and step in (0, gap):
                out[-1] = (first, cp, gap, d)
                continue
        out.append((cp, cp, 0, delta))
    return [(a, b, s or 1, d) for a, b, s, d in out]


print("/* SPDX-License-Identifier: ISC */")
print("/* Made by tables.py; do not edit. */")
print("/* clang-format off */")
print("#ifndef IMAP_TABLES_H\n#define IMAP_TABLES_H\n")
print("#include <stdint.h>\n")
print("struct charset_table {\n\tchar const *name;\n\tuint16_t high[128];\n};\n")
print("static struct charset_table const charset_tables[] = {")
for name, aliases in SETS:
    codes = high_half(name)
    for alias in (name,) + aliases:
        print('\t{ "%s",\n\t    {' % alias, end="")
        for i, code in enumerate(codes):
            if i % 8 == 0:
                print("\n\t\t", end="")
            print("0x%04x,%s" % (code, "" if i % 8 == 7 else " "), end="")
        print("\n\t    } },")
print("};\n")
print("/* FIRST, FIRST + STEP, ... LAST fold to themselves plus DELTA. */")
print("struct fold_run {\n\tuint32_t first, last, step;\n\tint32_t delta;\n};\n")
print("static struct fold_run const fold_runs[] = {")
for a, b, s, d in runs(folding()):
    print("\t{ 0x%04x, 0x%04x, %d, %d }," % (a, b, s, d))
print("};\n\n#endif")
