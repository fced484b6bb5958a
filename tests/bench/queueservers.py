# SPDX-License-Identifier: ISC
"""The queues that queue-postfix measures, besace's and Postfix's, each with the
way in by SMTP; and the servers that their mail goes to."""
import os
import pathlib
import re
import resource
import shutil
import socket
import subprocess
import threading
import time

from mailservers import (BIN, MAIL_OWNER, Besace, Keeper, Postfix,
                         cpu_of_tree, fail, free_port, wait_for_port)

DESTINATIONS = 20
DEAD = "dead.example"
SENDER = "a@example.test"
LIMIT = 120  # seconds that anything may take
LATER = 7200  # seconds until what is not due is due
CLIENTS = 8
OWNER = "%d:%d" % (MAIL_OWNER, MAIL_OWNER)


def domain(number):
    return "d%d.example" % number


def address(number):
    """Of the server of that domain."""
    return "127.0.0.%d" % (number + 10)


def message_of(size):
    head = ("From: a@example.test\nTo: u@d0.example\nSubject: bench\n"
            "Date: Thu, 19 Nov 2026 10:00:00 +0000\n"
            "Message-ID: <bench@example.test>\n\n")
    line = "0123456789" * 7 + "\n"
    return (head + line * (size // len(line) + 1))[:size - 1] + "\n"


def wait_for(what, function, wanted, step=0.002):
    start = time.monotonic()
    while function() != wanted:
        if time.monotonic() - start > LIMIT:
            fail("%s: %s of %s" % (what, function(), wanted))
        time.sleep(step)


class Sinks:
    """smtp-sink for each domain, and how many messages they have, all."""

    def __init__(self):
        self.port = free_port()
        self.dead_port = free_port()
        self.have = [0] * DESTINATIONS
        self.sinks = []
        for number in range(DESTINATIONS):
            sink = subprocess.Popen(
                ["smtp-sink", "-c", "-u", "nobody", "%s:%d" %
                 (address(number), self.port), "100"],
                stdout=subprocess.PIPE)
            self.sinks.append(sink)
            threading.Thread(target=self.count, args=(number, sink.stdout),
                             daemon=True).start()
        for number in range(DESTINATIONS):
            wait_for_port(self.port, address(number))

    def count(self, number, counters):
        while True:
            text = os.read(counters.fileno(), 65536)
            if not text:
                return
            found = re.findall(rb"mesg=(\d+)", text)
            if found:
                self.have[number] = int(found[-1])

    def total(self):
        return sum(self.have)

    def stop(self):
        for sink in self.sinks:
            sink.kill()
            sink.wait()


class Queue:
    """Has name, server, sinks, and the directory queue."""

    def send(self, count, size, to=domain(0), clients=CLIENTS, port=None):
        """By SMTP."""
        subprocess.run(
            ["smtp-source", "-d", "-s", str(clients), "-m", str(count), "-l",
             str(size), "-f", SENDER, "-t", "u@" + to,
             "127.0.0.1:%d" % (port or self.server.ports["plain"])],
            check=True)

    def wait_until_sent(self, number):
        wait_for(self.name + ": sent", self.sinks.total, number)

    def through(self, count, size):
        """(seconds until all are accepted, until all have left)"""
        had = self.sinks.total()
        start = time.monotonic()
        self.send(count, size)
        accepted = time.monotonic() - start
        self.wait_until_sent(had + count)
        return accepted, time.monotonic() - start

    def latency(self, size):
        """Seconds from a client's start to the message's arrival."""
        had = self.sinks.total()
        start = time.monotonic()
        self.send(1, size, clients=1)
        self.wait_until_sent(had + 1)
        return time.monotonic() - start


# --- besace ------------------------------------------------------------------

# As besace-queue.path starts it.
RUNNER = """\
while :; do
    set -- {queue}/new/*
    if [ -e "$1" ] || [ -e {work}/due ]; then
        rm -f {work}/due
        {bin}/queue-run
    else
        sleep 0.01
    fi
done
"""

STATE = """\
Besace-Queue: 1
Message-Uid: {uid}
Arrival: {then}
Group: {group}
Sender: {sender}
Recipient: u@{group}
State: waiting
Attempts: 1
Tried: {then}
Status: 4.4.1
Answer: connection to [127.0.0.1]: Connection refused

"""


class BesaceQueue(Queue):
    name = "besace"

    def __init__(self, work, sinks):
        self.server = Besace(
            work, "-o", "default_transport=smtp", "-o", "outbound_filters=",
            "-o", "mynetworks=127.0.0.0/8", "-o", "delay_warning_time=0")
        self.work, self.sinks = work, sinks
        self.queue = work / "var/queue"
        self.runner = None
        routes = ["%s [%s]:%d\n" % (domain(i), address(i), sinks.port)
                  for i in range(DESTINATIONS)]
        routes.append("%s [127.0.0.1]:%d\n" % (DEAD, sinks.dead_port))
        (work / "etc/routes").write_text("".join(routes), encoding="ascii")
        (work / "runner").write_text(
            RUNNER.format(queue=self.queue, work=work, bin=BIN),
            encoding="ascii")
        subprocess.run([BIN + "/besace", "maps"], check=True,
                       env=self.server.env, stdout=subprocess.DEVNULL)
        subprocess.run(["chown", "-R", OWNER, str(work)], check=True)
        self.server.start()
        wait_for_port(self.server.ports["plain"])

    def inject(self, count, destinations, size):
        """Nobody takes them on as yet."""
        for number in range(destinations):
            self.send(count // destinations, size, domain(number))

    def drain(self, count):
        """(seconds until COUNT messages that wait have left, processor
        seconds)"""
        had = self.sinks.total()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        with open(self.work / "log/queue", "ab") as log:
            runner = subprocess.Popen(
                [BIN + "/queue-run"], env=self.server.env, stderr=log,
                user=MAIL_OWNER, group=MAIL_OWNER, extra_groups=[])
        self.wait_until_sent(had + count)
        seconds = time.monotonic() - start
        if runner.wait() != 0:
            fail("queue-run has failed")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return seconds, (after.ru_utime - before.ru_utime + after.ru_stime -
                         before.ru_stime)

    def run(self):
        """From now on all is sent as it comes."""
        self.runner = Keeper(
            ["setpriv", "--reuid", str(MAIL_OWNER), "--regid",
             str(MAIL_OWNER), "--clear-groups", "/bin/sh",
             str(self.work / "runner")], self.work / "log/queue",
            self.server.env)

    def halt(self):
        self.runner.stop()
        self.runner = None

    def pile(self, count):
        """So many that wait, for later."""
        then = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                             time.gmtime(time.time() - 3600))
        text = message_of(1024)
        for i in range(count):
            uid = "pile%08d" % i
            (self.queue / ("deferred/%d.%s" % (time.time() + LATER, uid))
             ).write_text(STATE.format(uid=uid, then=then, group=DEAD,
                                       sender=SENDER) + text,
                          encoding="ascii")
        subprocess.run(["chown", "-R", OWNER, str(self.queue)], check=True)

    def make_due(self):
        box = self.queue / "deferred"
        for name in os.listdir(box):
            os.rename(box / name, box / ("0000000001." + name.split(".")[1]))
        (self.work / "due").touch()

    def stop(self):
        if self.runner:
            self.runner.stop()
        if self.server.keeper:
            self.server.keeper.stop()


# --- Postfix -----------------------------------------------------------------

MORE_CF = """\
transport_maps = hash:{work}/etc/transport
default_transport = smtp
in_flow_delay = 0
"""

# What comes here is held.
HOLD = """\
127.0.0.1:%d inet n - n - - smtpd
  -o smtpd_recipient_restrictions=check_recipient_access,static:HOLD,permit
"""


class PostfixQueue(Queue):
    name = "postfix"

    def __init__(self, work, sinks):
        self.server = Postfix(work, "", "")
        self.sinks = sinks
        self.queue = work / "queue"
        self.held_port = free_port()
        config = work / "etc"
        routes = ["%s smtp:[%s]:%d\n" % (domain(i), address(i), sinks.port)
                  for i in range(DESTINATIONS)]
        routes.append("%s smtp:[127.0.0.1]:%d\n" % (DEAD, sinks.dead_port))
        (config / "transport").write_text("".join(routes), encoding="ascii")
        with open(config / "main.cf", "a", encoding="ascii") as file:
            file.write(MORE_CF.format(work=work))
        with open(config / "master.cf", "a", encoding="ascii") as file:
            file.write(HOLD % self.held_port)
        subprocess.run(["postmap", "-c", str(config),
                        "hash:%s/transport" % config], check=True)
        self.server.start()
        wait_for_port(self.server.ports["plain"])

    def held(self):
        return list((self.queue / "hold").iterdir())

    def hold(self, count, size, to):
        had = len(self.held())
        self.send(count, size, to, CLIENTS, self.held_port)
        wait_for("postfix: held", lambda: len(self.held()), had + count)

    def inject(self, count, destinations, size):
        for number in range(destinations):
            self.hold(count // destinations, size, domain(number))

    def drain(self, count):
        """What is held becomes what has just come."""
        self.settle()
        had, before = self.sinks.total(), self.cpu()
        start = time.monotonic()
        for path in self.held():
            path.rename(self.queue / "incoming" / path.name)
        self.trigger(b"I")
        self.wait_until_sent(had + count)
        seconds = time.monotonic() - start
        return seconds, self.settle() - before

    def settle(self):
        """Until nothing of it runs. Processor seconds."""
        last, now = -1, self.cpu()
        while now != last:
            time.sleep(0.2)
            last, now = now, self.cpu()
        return now

    def cpu(self):
        return cpu_of_tree(self.server.keeper.pid)

    def trigger(self, what):
        with socket.socket(socket.AF_UNIX) as qmgr:
            qmgr.connect(str(self.queue / "public/qmgr"))
            qmgr.send(what)

    def run(self):
        """It does."""

    def halt(self):
        pass

    def pile(self, count):
        """Copies of one, by names of the form that theirs have."""
        self.hold(1, 1024, DEAD)
        first = self.held()[0]
        text = first.read_bytes()
        first.unlink()
        later = time.time() + LATER
        for i in range(count):
            name = "%X%05X%06X" % (i % 16, i, i)
            path = self.queue / "deferred" / name[0] / name
            if i < 16:
                path.parent.mkdir(mode=0o700, exist_ok=True)
                shutil.chown(path.parent, "postfix")
            path.write_bytes(text)
            path.chmod(0o700)
            shutil.chown(path, "postfix")
            os.utime(path, (later, later))

    def make_due(self):
        for path, _, names in os.walk(self.queue / "deferred"):
            for name in names:
                os.utime(path + "/" + name, (1, 1))
        self.trigger(b"D")

    def stop(self):
        self.server.keeper.stop()
