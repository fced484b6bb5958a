#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Writes charset-tables.h: character sets of one octet a letter.
# Usage: python3 lib/charset-tables.py > lib/charset-tables.h
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


print("/* SPDX-License-Identifier: ISC */")
print("/* Made by charset-tables.py; do not edit. */")
print("/* clang-format off */")
print("#ifndef BESACE_CHARSET_TABLES_H\n#define BESACE_CHARSET_TABLES_H\n")
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
print("};\n\n#endif")
