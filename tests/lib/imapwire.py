# SPDX-License-Identifier: ISC
"""An IMAP client for tests that run a server's program in a pipe."""
import os
import re
import subprocess


class Session:
    """A client of COMMAND, already logged in, by a pipe. It knows what it was
    told, and tells FAULT(*words) what does not fit."""

    def __init__(self, command, fault):
        self.fault = fault
        self.proc = subprocess.Popen(command, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, bufsize=0)
        self.out = self.proc.stdout
        self.buffer = b""
        self.count = 0
        self.serial = 0
        self.exists = 0
        self.line()

    def more(self):
        data = os.read(self.out.fileno(), 65536)
        if not data:
            raise EOFError("session ended")
        self.buffer += data

    def line(self):
        """One response, literals included."""
        result = b""
        while True:
            while b"\r\n" not in self.buffer:
                self.more()
            part, self.buffer = self.buffer.split(b"\r\n", 1)
            result += part
            literal = re.search(rb"\{(\d+)\}$", part)
            if not literal:
                return result
            size = int(literal.group(1))
            while len(self.buffer) < size:
                self.more()
            result += b"\r\n" + self.buffer[:size]
            self.buffer = self.buffer[size:]

    def command(self, text, literal=None):
        self.serial += 1
        tag = b"t%d" % self.serial
        data = tag + b" " + text.encode()
        if literal is not None:
            data += b" {%d+}\r\n" % len(literal) + literal
        self.proc.stdin.write(data + b"\r\n")
        lines = []
        while True:
            line = self.line()
            if line.startswith(tag + b" "):
                return line[len(tag) + 1:].decode(), lines
            self.note(line, text)
            lines.append(line)

    def note(self, line, text):
        words = line.split(b" ")
        if words[1:2] == [b"BYE"]:
            return
        if len(words) > 2 and words[2] == b"EXISTS":
            if int(words[1]) < self.exists:
                self.fault("EXISTS went down without EXPUNGE", line)
            self.exists = int(words[1])
        elif len(words) > 2 and words[2] == b"EXPUNGE":
            if text.split()[0] in ("FETCH", "STORE", "SEARCH"):
                self.fault("EXPUNGE during", text)
            if not 1 <= int(words[1]) <= self.exists:
                self.fault("EXPUNGE out of range", line, self.exists)
            self.exists -= 1
        elif len(words) > 2 and words[2] == b"FETCH":
            if not 1 <= int(words[1]) <= self.exists:
                self.fault("FETCH out of range", line, self.exists)

    def select(self, folder):
        self.exists = 0
        answer, _ = self.command("SELECT " + folder)
        if not answer.startswith("OK"):
            self.fault("SELECT", folder, answer)
        self.folder = folder
