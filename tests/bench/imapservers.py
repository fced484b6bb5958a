# SPDX-License-Identifier: ISC
"""The IMAP servers that the benchmarks start, besace under tcpserver and
Debian's Dovecot, each with a Maildir of its own, and a client."""
import os
import socket
import ssl
import subprocess
import time

from mailservers import (BIN, MAIL_OWNER, Keeper, free_port, tree,
                         wait_for_port)

DOVECOT_SBIN = "/usr/sbin/dovecot"
IMAP_PROGRAM = "/usr/lib/dovecot/imap"
USER, PASSWORD = "box@example.test", "secret"
MOST = 1200  # sessions at once

TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


def has_dovecot():
    return (os.geteuid() == 0 and os.access(DOVECOT_SBIN, os.X_OK) and
            os.access(IMAP_PROGRAM, os.X_OK))


class Refused(Exception):
    """A command was answered NO or BAD."""


class Client:
    """A connection. LAST is what came before the last tagged answer, unless
    that was long."""
    KEPT = 8 << 20

    def __init__(self, port, tls=False):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = TLS.wrap_socket(self.socket)
        self.room = memoryview(bytearray(1 << 20))
        self.serial = 0
        self.last = b""
        self.size = 0
        self.until(b"* ")

    def until(self, start):
        """Reads on, to a line that begins with START, ends the data and is
        returned."""
        end, kept, self.size = b"\n", [], 0
        while True:
            count = self.socket.recv_into(self.room)
            if not count:
                raise EOFError("the server ended the connection")
            self.size += count
            if self.size <= self.KEPT:
                kept.append(bytes(self.room[:count]))
            end = (end + bytes(self.room[max(count - 4096, 0):count]))[-4096:]
            if end.endswith(b"\r\n"):
                line = end[:-2].rpartition(b"\n")[2]
                if line.startswith(start):
                    self.last = b"".join(kept)
                    return line

    def send(self, data):
        self.socket.sendall(data)

    def command(self, text):
        """Sends TEXT and reads the answer; the seconds it took."""
        self.serial += 1
        tag = b"zq%d " % self.serial
        start = time.perf_counter()
        self.send(tag + text.encode() + b"\r\n")
        answer = self.until(tag)
        seconds = time.perf_counter() - start
        if not answer.startswith(tag + b"OK"):
            raise Refused(text[:60] + ": " + answer.decode())
        return seconds

    def close(self):
        try:
            self.command("LOGOUT")
        except (EOFError, OSError):
            pass
        self.socket.close()


# --- processor time and memory -----------------------------------------------

def cpu_now(root):
    """{pid: nanoseconds on a processor} of root and what is below it"""
    spent = {}
    for pid in tree(root):
        try:
            with open("/proc/%d/schedstat" % pid, encoding="ascii") as file:
                spent[pid] = int(file.read().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return spent


def cpu_between(before, after):
    """Milliseconds of those that are still there."""
    return sum(spent - before.get(pid, 0)
               for pid, spent in after.items()) / 1e6


def pss_of_tree(root):
    """(KiB of memory, shared pages by share, processes) below root"""
    total, pids = 0, set(tree(root)) - {root}
    for pid in pids:
        try:
            with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
                for line in file:
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended
    return total, len(pids)


# --- the servers -------------------------------------------------------------

class Server:
    """Has work, a directory; mail, the Maildir of its user; ports."""
    derived = ()  # patterns of the files that can be made anew

    def __init__(self, work, mail=None):
        work.mkdir()
        self.work = work
        self.mail = mail or work / "mail/box"
        self.mail.mkdir(parents=True, exist_ok=True)
        for path in (work, self.mail.parent, self.mail):
            os.chown(path, MAIL_OWNER, MAIL_OWNER)
        self.keeper = None
        self.ports = {"plain": free_port(), "tls": free_port()}

    def folder(self, name):
        return self.mail if name == "INBOX" else self.mail / ("." + name)

    def session(self, kind="plain"):
        client = Client(self.ports[kind], kind == "tls")
        client.command("LOGIN %s %s" % (USER, PASSWORD))
        return client

    def forget(self, name):
        """As if the folder had never been seen, but for its UIDs."""
        for pattern in self.derived:
            for path in list(self.folder(name).glob(pattern)):
                path.unlink()

    def wait(self):
        for port in self.ports.values():
            wait_for_port(port)


class Besace(Server):
    name = "besace"
    derived = ("besace.*",)

    def __init__(self, work, mail=None):
        super().__init__(work, mail)
        instance = work / "instance"
        subprocess.run(
            [BIN + "/besace", "init", str(instance), "-o",
             "disable_plaintext_auth=no", "-o",
             "mail_max_userip_connections=0", "-o", "stranger_limit=0", "-o",
             "virtual_mailbox_base=" + str(self.mail.parent)], check=True,
            stdout=subprocess.DEVNULL)
        etc = instance / "etc"
        self.env = {"PATH": os.environ["PATH"], "BESACE_ETC": str(etc),
                    "BESACE_VAR": str(instance / "var")}
        (etc / "mailboxes").write_text("%s %s/\n" % (USER, self.mail.name))
        (etc / "passwords").write_text("%s:{PLAIN}%s\n" % (USER, PASSWORD))
        (etc / "senders").write_text("")
        (etc / "aliases").write_text("postmaster@example.test %s\n" % USER)
        subprocess.run([BIN + "/besace", "maps"], check=True, env=self.env,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["chown", "-R", "%d:%d" % (MAIL_OWNER, MAIL_OWNER),
                        str(instance)], check=True)
        self.chain = etc / "tls/example.test.crt"
        self.key = etc / "tls/example.test.key"

    def start(self):
        """As units/tcpserver/ has it."""
        both = ["tcpserver -q -H -R -l 0 -c 4000 -b 400 -u %d -g %d "
                "127.0.0.1 %d %s/imap-session%s" %
                (MAIL_OWNER, MAIL_OWNER, self.ports[kind], BIN, option)
                for kind, option in (("plain", ""), ("tls", " -t"))]
        self.keeper = Keeper(["/bin/sh", "-c", "&".join(both) + "& wait"],
                             self.work / "log", self.env)
        self.wait()


DOVECOT_CONF = """\
protocols = imap
listen = 127.0.0.1
base_dir = {work}/run
state_dir = {work}/run
log_path = {work}/log
mail_location = maildir:{mail}
mail_max_userip_connections = 0
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{chain}
ssl_key = <{key}
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {work}/passwords
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={mail}
}}
service imap-login {{
  process_limit = {most}
  {login}
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service imap {{
  process_limit = {most}
}}
"""


class Dovecot(Server):
    """Debian's, as it comes: a process for each login and each session."""
    name = "dovecot"
    derived = ("dovecot.index*", "dovecot.list.index*")
    login = ""

    def __init__(self, work, peer, mail=None):
        super().__init__(work, mail)
        (work / "passwords").write_text("%s:{PLAIN}%s\n" % (USER, PASSWORD))
        (work / "run").mkdir()
        (work / "conf").write_text(DOVECOT_CONF.format(
            work=work, mail=self.mail, owner=MAIL_OWNER, most=MOST,
            login=self.login, chain=peer.chain, key=peer.key, **self.ports))

    def start(self):
        self.keeper = Keeper([DOVECOT_SBIN, "-F", "-c",
                              str(self.work / "conf")], self.work / "log")
        self.wait()


class FastDovecot(Dovecot):
    """Its documented faster mode: login processes that serve many."""
    name = "dovecot, fast"
    login = "service_count = 0\n  process_min_avail = 2"
