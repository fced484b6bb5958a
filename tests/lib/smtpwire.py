# SPDX-License-Identifier: ISC
"""One smtp-session on a socket, octet by octet: for tests that look at where
packets and TLS records are cut. Bats files use it with PYTHONPATH=$LIB."""
import fcntl
import os
import socket
import ssl
import struct
import subprocess
import time

OUTQ = 0x5411  # TIOCOUTQ: what the other side has not read yet


class Session:
    def __init__(self, *options, kind=socket.SOCK_STREAM):
        self.sock, theirs = socket.socketpair(type=kind)
        self.plain = self.sock.dup()
        self.sock.settimeout(20)
        self.log = open(os.environ.get("LOG", "/dev/null"), "ab")
        self.server = subprocess.Popen(
            [os.environ["BIN"] + "/smtp-session", *(options or ("-s", "smtp"))],
            stdin=theirs, stdout=theirs, stderr=self.log)
        theirs.close()
        self.buf = b""

    def send(self, *pieces):
        """Each piece is a packet, or a TLS record, of its own: the next goes
        when the last was read."""
        for piece in pieces:
            if piece:
                self.sock.sendall(piece)
                self.drain()

    def drain(self):
        end = time.monotonic() + 20
        while time.monotonic() < end and self.server.poll() is None:
            left = fcntl.ioctl(self.plain.fileno(), OUTQ, b"\0" * 4)
            if not struct.unpack("i", left)[0]:
                return
            time.sleep(0.0002)

    def line(self):
        """One line of the server's, b"" at the end."""
        while b"\n" not in self.buf:
            try:
                more = self.sock.recv(65536)
            except (ConnectionError, ssl.SSLError):
                more = b""
            if not more:
                rest, self.buf = self.buf, b""
                return rest
            self.buf += more
        line, self.buf = self.buf.split(b"\n", 1)
        return line + b"\n"

    def reply(self):
        """Code and text of one reply, (0, b"") at the end."""
        text = b""
        while True:
            line = self.line()
            text += line
            if not line:
                return 0, text
            if line[3:4] != b"-":
                return int(line[:3]), text

    def say(self, line, wanted):
        self.send(line + b"\r\n")
        code, text = self.reply()
        assert code == wanted, (line, wanted, text)
        return text

    def hello(self):
        return self.say(b"EHLO client.example", 250)

    def start(self, tls=False):
        assert self.reply()[0] == 220
        self.hello()
        if tls:
            self.say(b"STARTTLS", 220)
            self.shake_hands()
            self.hello()
        return self

    def shake_hands(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.sock = context.wrap_socket(self.sock)
        assert not self.buf, self.buf

    def envelope(self, to=b"bob@example.test"):
        self.say(b"MAIL FROM:<carol@elsewhere.test>", 250)
        self.say(b"RCPT TO:<" + to + b">", 250)

    def end(self):
        """All codes still to come, once nothing more is sent."""
        codes = []
        try:
            self.plain.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        while True:
            code, _ = self.reply()
            if not code:
                break
            codes.append(code)
        self.server.wait(20)
        self.sock.close()
        self.plain.close()
        self.log.close()
        return codes


def stored():
    """The files of all messages that are delivered."""
    found = []
    for folder, _, names in os.walk(os.environ["MAIL"]):
        if os.path.basename(folder) in ("new", "cur"):
            found += [os.path.join(folder, name) for name in names]
    return found


def take_stored():
    """The texts of all messages, which are removed."""
    texts = []
    for name in stored():
        with open(name, "rb") as f:
            texts.append(f.read())
        os.unlink(name)
    return texts
