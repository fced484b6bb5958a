# SPDX-License-Identifier: ISC
"""IMAP responses as Python's lists: an atom or string is bytes, NIL is None,
a parenthesized list a list. What a server chooses to quote makes no
difference."""
import re

QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.S)
LITERAL = re.compile(rb"~?\{(\d+)\}\r\n")
ATOM = re.compile(rb"(?:[^\s()\[\]\"{]|\[[^\]]*\])+")


def parse(data, at=0, closing=False):
    """(the items from AT on, where they end)"""
    items = []
    while at < len(data):
        byte = data[at:at + 1]
        if byte in b" \r\n":
            at += 1
        elif byte == b"(":
            inner, at = parse(data, at + 1, True)
            items.append(inner)
        elif byte == b")":
            if not closing:
                raise ValueError("unbalanced: %r" % data[:200])
            return items, at + 1
        else:
            item, at = parse_string(data, at)
            items.append(item)
    if closing:
        raise ValueError("unfinished: %r" % data[-200:])
    return items, at


def parse_string(data, at):
    quoted = QUOTED.match(data, at)
    if quoted:
        return re.sub(rb"\\(.)", rb"\1", quoted.group(1)), quoted.end()
    literal = LITERAL.match(data, at)
    if literal:
        end = literal.end() + int(literal.group(1))
        return data[literal.end():end], end
    atom = ATOM.match(data, at)
    if not atom:
        raise ValueError("no item: %r" % data[at:at + 100])
    word = atom.group()
    return (None if word.upper() == b"NIL" else word), atom.end()


def fetched(line):
    """(sequence number, {item: value}) of a FETCH response, or None"""
    match = re.match(rb"\* (\d+) FETCH ", line)
    if not match:
        return None
    (items,), _ = parse(line, match.end())
    return int(match.group(1)), {items[n].upper(): items[n + 1]
                                 for n in range(0, len(items) - 1, 2)}
