#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Writes fold-runs.h: simple case folding of Unicode.
# Usage: python3 imap-session/fold-runs.py > imap-session/fold-runs.h


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
print("/* Made by fold-runs.py; do not edit. */")
print("/* clang-format off */")
print("#ifndef IMAP_FOLD_RUNS_H\n#define IMAP_FOLD_RUNS_H\n")
print("#include <stdint.h>\n")
print("/* FIRST, FIRST + STEP, ... LAST fold to themselves plus DELTA. */")
print("struct fold_run {\n\tuint32_t first, last, step;\n\tint32_t delta;\n};\n")
print("static struct fold_run const fold_runs[] = {")
for a, b, s, d in runs(folding()):
    print("\t{ 0x%04x, 0x%04x, %d, %d }," % (a, b, s, d))
print("};\n\n#endif")
