# SPDX-License-Identifier: ISC
"""Mail servers that the benchmarks start: besace under tcpserver, Postfix with
a configuration of its own, and the least that can answer; each below a process
that keeps the account of the time they take."""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BIN = os.environ["BESACE_BIN"]
BENCH_BIN = os.environ["BESACE_BENCH_BIN"]
KEY = os.environ.get("BENCH_KEY", "ecdsa")
POSTFIX_SBIN = "/usr/sbin/postfix"
MAIL_OWNER = 5000
MAILBOXES = 10
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def fail(text):
    sys.exit(os.path.basename(sys.argv[0]) + ": " + text)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, address="127.0.0.1"):
    for _ in range(200):
        try:
            socket.create_connection((address, port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    fail("nobody listens on %s:%d" % (address, port))


def has_postfix():
    return os.geteuid() == 0 and os.access(POSTFIX_SBIN, os.X_OK)


def work_directory():
    """Removed by the caller. On ext4: each directory made in it in a part of
    the disk of its own, so that the files that one server removes do not slow
    down the other."""
    work = pathlib.Path(tempfile.mkdtemp(
        prefix="besace-bench.", dir=os.environ.get("BENCH_DIR", "/var/tmp")))
    work.chmod(0o755)
    subprocess.run(["chattr", "+T", str(work)], check=False,
                   stderr=subprocess.DEVNULL)
    return work


# --- processor time ----------------------------------------------------------

def stat_of(pid):
    """(parent, seconds of itself and of its children that have ended)"""
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        field = file.read().rpartition(")")[2].split()
    ticks = sum(int(n) for n in field[11:15])
    return int(field[1]), ticks / os.sysconf("SC_CLK_TCK")


def tree(root):
    """{pid: seconds} of root and its descendants"""
    parents, spent = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                parents[int(name)], spent[int(name)] = stat_of(int(name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    found = {}
    for pid in spent:
        above = pid
        while above not in (root, 0):
            above = parents.get(above, 0)
        if above == root:
            found[pid] = spent[pid]
    return found


def cpu_of_tree(root):
    """Seconds that root, its descendants and those that have ended took."""
    return sum(tree(root).values())


def control_process(option, value):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        fail("prctl: " + os.strerror(ctypes.get_errno()))


def end_all(*_):
    """Ends all below this process, and it. Postfix's master has left the
    process group."""
    for pid in set(tree(os.getpid())) - {os.getpid()}:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    os._exit(0)


class Keeper:
    """A process above all processes of one server: runs a command, then only
    reaps, so that the time of those that ended is in its account. What a
    server leaves behind becomes its child. It ends with us, however we do."""

    def __init__(self, argv, log, env=None):
        self.pid = os.fork()
        if self.pid:
            return
        try:
            os.setsid()
            signal.signal(signal.SIGTERM, end_all)
            control_process(PR_SET_CHILD_SUBREAPER, 1)
            control_process(PR_SET_PDEATHSIG, signal.SIGTERM)
            with open(log, "ab") as out, open(os.devnull, "rb") as null:
                subprocess.Popen(argv, stdin=null, stdout=out, stderr=out,
                                 env=env)
            while True:
                try:
                    os.wait()
                except ChildProcessError:
                    time.sleep(0.1)
        finally:
            os._exit(1)

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)


# --- the servers -------------------------------------------------------------

class Server:
    """Has work, a directory; mail, its ten Maildirs; ports, by encryption."""

    def __init__(self, work):
        self.work = work
        self.mail = work / "mail"
        self.keeper = None
        plain = free_port()
        self.ports = {"plain": plain, "starttls": plain,
                      "implicit": free_port()}

    def stored(self):
        return sum(len(os.listdir(box / "new"))
                   for box in self.mail.iterdir())

    def boxes(self):
        return ["box%d" % i for i in range(MAILBOXES)]

    def make_boxes(self):
        self.mail.mkdir(exist_ok=True)
        for box in self.boxes():
            for sub in ("", "cur", "new", "tmp"):
                path = self.mail / box / sub
                path.mkdir(exist_ok=True)
                os.chown(path, MAIL_OWNER, MAIL_OWNER)

    def empty(self):
        """Puts the mail aside, without its text. It is not removed: ext4
        searches long for an inode where many were freed a moment ago."""
        for box in self.boxes():
            aside = pathlib.Path(tempfile.mkdtemp(dir=self.work)) / "new"
            os.rename(self.mail / box / "new", aside)
            for name in os.listdir(aside):
                os.truncate(aside / name, 0)
        self.make_boxes()
        os.sync()


class Besace(Server):
    name = "besace"

    def __init__(self, work, *options):
        super().__init__(work)
        subprocess.run(
            [BIN + "/besace", "init", str(work), "-o", "inbound_filters=",
             "-o", "virtual_mailbox_base=" + str(self.mail), *options],
            check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(self.mail)
        self.env = {"PATH": os.environ["PATH"],
                    "BESACE_ETC": str(work / "etc"),
                    "BESACE_VAR": str(work / "var")}
        with open(work / "etc/mailboxes", "w", encoding="ascii") as file:
            for box in self.boxes():
                file.write("%s@example.test %s/\n" % (box, box))
        (work / "etc/senders").write_text("")
        (work / "etc/aliases").write_text(
            "postmaster@example.test box0@example.test\n")
        if KEY == "rsa":
            self.make_rsa()
        subprocess.run([BIN + "/besace", "maps"], check=True, env=self.env,
                       stdout=subprocess.DEVNULL)
        self.make_boxes()
        self.chain = work / "etc/tls/example.test.crt"
        self.key = work / "etc/tls/example.test.key"

    def make_rsa(self):
        tls = str(self.work / "etc/tls/example.test")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "30", "-subj", "/CN=example.test", "-keyout",
             tls + ".key", "-out", tls + ".crt"], check=True,
            stderr=subprocess.DEVNULL)

    def start(self):
        """As units/tcpserver/ has it."""
        both = ["tcpserver -q -H -R -l 0 -c 400 -b 400 -u %d -g %d "
                "127.0.0.1 %d %s/smtp-session -s %s" %
                (MAIL_OWNER, MAIL_OWNER, port, BIN, service)
                for port, service in ((self.ports["plain"], "smtp"),
                                      (self.ports["implicit"],
                                       "submissions"))]
        self.keeper = Keeper(["/bin/sh", "-c", "&".join(both) + "& wait"],
                             self.work / "log/mail.log", self.env)


MASTER_CHANGED = """\
127.0.0.1:%d inet n - n - - smtpd
127.0.0.1:%d inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
"""

MAIN_CF = """\
compatibility_level = 3.6
biff = no
append_dot_mydomain = no
readme_directory = no
myhostname = example.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
alias_maps =
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
queue_directory = {work}/queue
data_directory = {work}/data
virtual_mailbox_domains = example.test
virtual_mailbox_base = {work}/mail
virtual_mailbox_maps = hash:{work}/etc/mailboxes
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
smtpd_tls_cert_file = {chain}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
"""


class Postfix(Server):
    name = "postfix"

    def __init__(self, work, chain, key):
        super().__init__(work)
        for sub in ("etc", "queue", "data"):
            (work / sub).mkdir()
        shutil.chown(work / "data", "postfix", "postfix")
        (work / "etc/main.cf").write_text(
            MAIN_CF.format(work=work, owner=MAIL_OWNER, chain=chain, key=key))
        (work / "etc/master.cf").write_text(self.services())
        (work / "etc/mailboxes").write_text("".join(
            "%s@example.test %s/\n" % (box, box) for box in self.boxes()))
        self.make_boxes()
        subprocess.run(["/usr/sbin/postmap", "-c", str(work / "etc"),
                        "hash:%s/etc/mailboxes" % work], check=True)

    def services(self):
        """Debian's own, with ports of ours and without chroot."""
        lines = []
        master = pathlib.Path("/usr/share/postfix/master.cf.dist")
        for line in master.read_text().splitlines():
            word = line.split()
            if not line.startswith("#") and len(word) > 7 and word[4] == "y":
                word[4] = "n"
                line = " ".join(word)
            if line.startswith("smtp ") and word[1] == "inet":
                line = MASTER_CHANGED % (self.ports["plain"],
                                         self.ports["implicit"])
            lines.append(line)
        return "\n".join(lines) + "\n"

    def start(self):
        self.keeper = Keeper([POSTFIX_SBIN, "-c", str(self.work / "etc"),
                              "start"], self.work / "log")


class Floor(Server):
    """tcpserver spawning the least that can answer and keep a message."""
    name = "floor"

    def __init__(self, work):
        super().__init__(work)
        self.make_boxes()

    def start(self):
        self.keeper = Keeper(
            ["tcpserver", "-q", "-H", "-R", "-l", "0", "-c", "400", "-b",
             "400", "-u", str(MAIL_OWNER), "-g", str(MAIL_OWNER),
             "127.0.0.1", str(self.ports["plain"]),
             BENCH_BIN + "/smtp-floor", str(self.mail)],
            self.work / "log")
