#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Writes casemap-tables.h: characters as i;unicode-casemap (RFC 5051) has them.
# Usage: python3 imap-session/casemap.py > imap-session/casemap-tables.h
import unicodedata

PAGE = 64


def titlecase(char):
    """The simple titlecase: mappings to several characters are no such."""
    title = char.title()
    return title if len(title) == 1 else char


def decomposed(char):
    """With all decompositions, compatible ones too, undone."""
    mapping = unicodedata.decomposition(char).split()
    if mapping and mapping[0].startswith("<"):
        mapping = mapping[1:]
    if not mapping:
        return char
    return "".join(decomposed(chr(int(point, 16))) for point in mapping)


def numbers(name, kind, values):
    print("static %s const %s[] = {" % (kind, name))
    line = "\t"
    for value in values:
        piece = "%d," % value
        if len(line) + len(piece) > 72:
            print(line)
            line = "\t"
        line += piece
    print(line + "\n};\n")


texts = bytearray(b"\0")  # place 0: stays as it is
places = {}
pages = []
blocks = {}
order = []
for page in range(0, 0x30000 // PAGE):
    block = []
    for point in range(page * PAGE, (page + 1) * PAGE):
        char = chr(point)
        surrogate = 0xD800 <= point < 0xE000
        mapped = char if surrogate else decomposed(titlecase(char))
        if mapped == char:
            block.append(0)
            continue
        text = mapped.encode()
        if text not in places:
            places[text] = len(texts)
            texts += bytes([len(text)]) + text
        block.append(places[text])
    block = tuple(block)
    if block not in blocks:
        blocks[block] = len(order)
        order.append(block)
    pages.append(blocks[block])
while pages[-1] == pages[-2]:
    pages.pop()
assert len(texts) < 65536 and len(order) < 256

print("/* SPDX-License-Identifier: ISC */")
print("/* Made by casemap.py, Unicode %s; do not edit. */" %
      unicodedata.unidata_version)
print("/* clang-format off */")
print("#ifndef IMAP_CASEMAP_TABLES_H\n#define IMAP_CASEMAP_TABLES_H\n")
print("#include <stdint.h>\n")
print("enum { CASEMAP_PAGE = %d };\n" % PAGE)
print("/* For each page of characters the block that holds it. */")
numbers("casemap_pages", "unsigned char", pages)
print("/* Where a character's text stands; 0: it is its own. */")
numbers("casemap_places", "uint16_t", [n for b in order for n in b])
print("/* The texts in UTF-8, each behind its length. */")
numbers("casemap_texts", "unsigned char", texts)
print("#endif")
