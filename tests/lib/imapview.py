# SPDX-License-Identifier: ISC
"""A client's view of a mailbox, made of nothing but what the server says, and
the rules that what it says has to keep (RFC 3501, 4315, 7162, 9586)."""
import os
import re
import select
import time

from imapwire import Session

PATIENCE = 120  # seconds until an answer is overdue
TRACE = os.environ.get("TRACE")

TOKEN = re.compile(
    rb'\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|~?\{(\d+)\}\r\n'
    rb'|([^\s()"{\[]+(?:\[[^\]]*\])?(?:<\d+>)?))')


def values(data):
    """What stands between the parentheses of a FETCH, lists as lists."""
    stack, at = [[]], 0
    while at < len(data):
        found = TOKEN.match(data, at)
        if not found:
            raise ValueError("not a list: %r" % data[at:])
        at = found.end()
        if found.group(1):
            stack.append([])
        elif found.group(2):
            done = stack.pop()
            stack[-1].append(done)
        elif found.group(4):
            size = int(found.group(4))
            stack[-1].append(data[at:at + size])
            at += size
        else:
            quoted = found.group(3)
            stack[-1].append(found.group(5) if quoted is None else quoted)
    return stack[0]


def numbers_of(text):
    """The numbers of a set, in the order in which they stand there."""
    for part in text.split(","):
        first, _, last = part.partition(":")
        first, last = int(first), int(last or first)
        yield from range(first, last + 1) if first <= last \
            else range(first, last - 1, -1)


def set_of(numbers):
    return ",".join(str(n) for n in numbers)


class Context:
    """A result that the server keeps up to date (RFC 5267), in the order of a
    SORT or that of the mailbox."""

    def __init__(self, command, fault):
        self.command, self.fault = command, fault
        self.by_uid = command.startswith("UID ")
        self.ordered = "SORT" in command
        self.found = []

    def add(self, place, numbers):
        if bool(place) != self.ordered or place > len(self.found) + 1 or \
                set(numbers) & set(self.found):
            self.fault("ADDTO", place, numbers, "of", self.found)
        if place:
            self.found[place - 1:place - 1] = numbers
        else:
            self.found = sorted(self.found + numbers)

    def remove(self, place, numbers):
        here = self.found[place - 1:][:len(numbers)] if place else numbers
        if bool(place) != self.ordered or here != numbers or \
                not set(numbers) <= set(self.found):
            self.fault("REMOVEFROM", place, numbers, "of", self.found)
        self.found = [n for n in self.found if n not in numbers]

    def expunge(self, number):
        """It has to have left before."""
        if number in self.found:
            self.fault("expunged and not removed", number, self.found)
        if not self.by_uid:
            self.found = [n - (n > number) for n in self.found]


class Shared:
    """What all clients together know of a folder."""

    def __init__(self):
        self.marks = {}     # UID -> the mark in the message
        self.flags = {}     # (UID, MODSEQ) -> flags
        self.expunged = set()
        self.recent = {}    # UID -> the session that was told \Recent
        self.highest = 0
        self.next = 1
        self.validity = 0


class Client(Session):
    """enabled: words for ENABLE. folders: name -> Shared. lock: theirs."""

    def __init__(self, name, command, fault, enabled, folders, lock, saved=None):
        self.name = name
        self.folder = None
        self.verb = ""
        self.closed()
        super().__init__(command, lambda *what: fault(
            name, self.folder, "[%s]" % self.verb[:60], *what))
        self.folders, self.lock = folders, lock
        self.uidonly = "UIDONLY" in enabled
        self.qresync = "QRESYNC" in enabled
        self.condstore = self.qresync or "CONDSTORE" in enabled
        self.saved = {} if saved is None else saved
        self.dead = {}
        if enabled:
            self.command("ENABLE " + " ".join(enabled))

    # --- the wire

    def more(self):
        if not select.select([self.out], [], [], PATIENCE)[0]:
            raise TimeoutError("no answer to " + self.verb)
        super().more()

    def line(self):
        result = super().line()
        self.trace("S", result)
        return result

    def trace(self, who, text):
        """The dialogue, where $TRACE names a directory."""
        if TRACE:
            path = "%s/%s.%d" % (TRACE, self.name.split(" (")[0],
                                 self.proc.pid)
            with open(path, "ab") as file:
                file.write(b"%.6f %s: %s\n" % (time.time(), who.encode(), text))

    def send(self, text, literal=None):
        """Without waiting for an answer."""
        if self.buffer or select.select([self.out], [], [], 0)[0]:
            self.fault("a response without a command", self.line())
        self.verb = text
        self.serial += 1
        data = b"t%d %s" % (self.serial, text.encode())
        if literal is not None:
            data += b" {%d+}\r\n" % len(literal) + literal
        self.told_highest = self.seen_modseq = 0
        self.told_flags = set()
        self.told_modseqs = set()
        self.trace("C", data)
        self.proc.stdin.write(data + b"\r\n")

    def finish(self):
        """The tagged answer to what was sent."""
        tag = b"t%d " % self.serial
        lines = []
        while True:
            line = self.line()
            if line.startswith(tag):
                break
            self.note(line)
            lines.append(line)
        answer = line[len(tag):].decode()
        self.code(answer)
        self.advance()
        if answer.startswith("BAD"):
            self.fault(self.verb, "is", answer)
        return answer, lines

    def command(self, text, literal=None):
        self.send(text, literal)
        return self.finish()

    def advance(self):
        """RFC 7162 section 6: HIGHESTMODSEQ counts, or else what was seen."""
        if self.folder is None:
            return
        covered = self.told_highest or max(self.covered, self.seen_modseq)
        if covered < self.covered:
            self.fault("HIGHESTMODSEQ went back", self.covered, covered)
        self.covered = covered

    # --- the mailbox

    def closed(self):
        self.folder = None
        self.uids = []          # by number; None: not known yet
        self.uid_flags = {}     # UID -> flags
        self.modseqs = {}
        self.covered = 0
        self.writable = False
        self.keywords = set()
        self.exists = 0
        self.resuming = False
        self.contexts = {}      # tag -> Context

    @property
    def shared(self):
        return self.folders[self.folder]

    def save(self):
        """For a later QRESYNC."""
        if not (self.qresync and self.folder and self.covered):
            return
        known = sorted(self.uid_flags)
        last = known[-1] if known else 0
        if None in self.uids:
            before = self.uids[:self.uids.index(None)]
            last = before[-1] if before else 0
        if self.uidonly and len(known) != self.exists:
            last = 0
        self.saved[self.folder] = (dict(self.uid_flags), dict(self.modseqs),
                                   self.covered, last)

    def open(self, folder, how="SELECT", resume=True):
        """resume: by QRESYNC, if there is something to go on from."""
        self.save()
        was_open = self.folder is not None
        self.closed()
        with self.lock:
            shared = self.folders[folder]
            expunged = set(shared.expunged)
            highest, following = shared.highest, shared.next
        state = self.saved.get(folder) if resume else None
        text = "%s %s" % (how, folder)
        if state and self.qresync:
            text += " (QRESYNC (%d %d))" % (shared.validity, state[2])
            self.uid_flags, self.modseqs = dict(state[0]), dict(state[1])
            self.resuming = True
        elif self.condstore and not self.serial % 3:
            text += " (CONDSTORE)"
        self.send(text)
        self.folder, self.writable = folder, how == "SELECT"
        self.opened = (self.name, self.proc.pid, self.serial)
        answer, lines = self.finish()
        if not answer.startswith("OK"):
            self.fault(text, answer)
            return
        if was_open != any(b"[CLOSED]" in line for line in lines):
            self.fault("CLOSED is wrong", text)
        self.opened_at(highest, following, self.told_highest,
                       self.number("UIDNEXT", lines))
        last = state[3] if self.resuming else 0
        self.learn(last)
        for uid in set(self.uid_flags) & expunged:
            self.fault("UID", uid, "came back after its expunge")
        if self.resuming:
            self.resumed()
            self.news()

    def opened_at(self, highest, following, told, uidnext):
        if told < highest:
            self.fault("HIGHESTMODSEQ", told, "is below", highest)
        if uidnext < following:
            self.fault("UIDNEXT", uidnext, "is below", following)
        with self.lock:
            self.shared.highest = max(self.shared.highest, told)
            self.shared.next = max(self.shared.next, uidnext)

    @staticmethod
    def number(word, lines):
        found = re.search(rb"\b%s \(?(\d+)" % word.encode(), b"\n".join(lines))
        return int(found.group(1)) if found else 0

    def learn(self, last):
        """UIDs and flags of messages above LAST."""
        items = "(UID FLAGS)" if last or not self.serial % 2 \
            else "(UID FLAGS BODY.PEEK[HEADER.FIELDS (X-Mark)])"
        if last or self.uidonly or self.serial % 3:
            self.command("UID FETCH %d:* %s" % (last + 1, items))
        else:
            self.command("FETCH 1:* " + items)

    def resumed(self):
        """What was known and was not taken back has to fill the mailbox."""
        self.resuming = False
        if self.uidonly:
            return
        here = [number for number, uid in enumerate(self.uids) if uid is None]
        lacking = sorted(set(self.uid_flags) - set(self.uids))
        if len(lacking) > len(here):
            self.fault("by QRESYNC", len(self.uid_flags), "messages, EXISTS is",
                       len(self.uids))
        # What came at the end of the command has no UID yet.
        for number, uid in zip(here, lacking):
            self.uids[number] = uid
        known = [uid for uid in self.uids if uid]
        if known != sorted(known):
            self.fault("by QRESYNC UIDs do not ascend", self.uids)

    def unknown(self):
        if self.uidonly:
            return self.exists - len(self.uid_flags)
        return self.uids.count(None)

    def news(self):
        """Asks for what EXISTS has announced."""
        if not self.unknown():
            return
        last = 0
        if None in self.uids:
            before = self.uids[:self.uids.index(None)]
            last = before[-1] if before else 0
        self.command("UID FETCH %d:* (UID FLAGS BODY.PEEK[HEADER.FIELDS "
                     "(X-Mark)])" % (last + 1))

    # --- responses

    def note(self, line, text=None):
        words = line.split(b" ", 3)
        what = words[2] if len(words) > 2 else b""
        if words[1] == b"BYE" and self.verb != "LOGOUT":
            self.fault("BYE", line)
        elif what == b"EXISTS":
            self.note_exists(int(words[1]))
        elif what == b"EXPUNGE":
            self.note_expunge(int(words[1]))
        elif what in (b"FETCH", b"UIDFETCH"):
            self.note_fetch(int(words[1]), what, values(words[3])[0])
        elif words[1] == b"VANISHED":
            self.note_vanished(words[2:])
        elif words[1] == b"ESEARCH":
            self.note_search(line.decode())
        elif words[1] == b"FLAGS":
            self.keywords = set(line[len(b"* FLAGS ("):-1].split())
        elif words[1] in (b"OK", b"NO"):
            self.code(line[2:].decode())

    def code(self, text):
        found = re.match(r"(?:OK|NO) \[(\S+) ?(\d*)", text)
        if not found or self.folder is None:
            return
        word, number = found.group(1), found.group(2)
        if word == "HIGHESTMODSEQ":
            self.told_highest = int(number)
        elif word == "UIDVALIDITY":
            with self.lock:
                known = self.shared.validity
                self.shared.validity = int(number)
            if known not in (0, int(number)):
                self.fault("UIDVALIDITY", known, "became", number)

    def may_expunge(self, line):
        words = self.verb.split()
        if words[0] in ("FETCH", "STORE", "SEARCH", "SORT", "THREAD"):
            self.fault(line, "during", self.verb)

    def note_exists(self, number):
        if number < self.exists:
            self.fault("EXISTS went from", self.exists, "to", number)
        self.exists = number
        self.uids += [None] * (number - len(self.uids))
        if self.uidonly:
            self.uids = []

    def note_search(self, line):
        tag, by_uid, rest = re.match(
            r'\* ESEARCH \(TAG "(\S+)"\)( UID)?(.*)', line).groups()
        updates = re.findall(r" (ADDTO|REMOVEFROM) \(([^)]*)\)", rest)
        context = self.contexts.get(tag)
        if not updates and tag == "t%d" % self.serial:
            found = re.search(r" ALL (\S+)", rest)
            self.result = list(numbers_of(found.group(1))) if found else []
            # What the updates say at this moment.
            self.kept = {t: list(c.found) for t, c in self.contexts.items()}
            if context:
                context.found = self.result
        elif not context or bool(by_uid) != context.by_uid:
            self.fault("not asked for", line)
        else:
            for what, pairs in updates:
                self.note_update(context, what, pairs.split())

    def note_update(self, context, what, words):
        for place, text in zip(words[::2], words[1::2]):
            numbers = list(numbers_of(text))
            if not context.by_uid and max(numbers) > self.exists:
                self.fault(what, text, "of", self.exists)
            if what == "ADDTO":
                context.add(int(place), numbers)
            else:
                context.remove(int(place), numbers)

    def keep(self, command):
        """COMMAND, with "%s" where its options stand, is kept up to date."""
        context = Context(command, self.fault)
        self.send(command % "UPDATE ALL")
        self.contexts["t%d" % self.serial] = context
        self.finish()

    def compare(self):
        """What the updates made of the results with what is found now. A file
        that is renamed meanwhile may come between."""
        for tag, context in list(self.contexts.items()):
            for _ in range(4):
                self.command("NOOP")
                self.command(context.command % "ALL")
                if self.kept[tag] == self.result:
                    break
            else:
                self.fault(context.command, self.kept[tag], "but",
                           self.result)

    def note_expunge(self, number):
        self.may_expunge("EXPUNGE")
        if self.qresync or self.uidonly:
            self.fault("EXPUNGE instead of VANISHED")
        if not 1 <= number <= self.exists:
            self.fault("EXPUNGE", number, "of", self.exists)
            return
        self.exists -= 1
        for context in self.contexts.values():
            if not context.by_uid:
                context.expunge(number)
        uid = self.uids.pop(number - 1)
        if uid:
            self.buried(uid)

    def buried(self, uid):
        for context in self.contexts.values():
            if context.by_uid:
                context.expunge(uid)
        self.dead.setdefault(self.folder, set()).add(uid)
        self.uid_flags.pop(uid, None)
        self.modseqs.pop(uid, None)
        with self.lock:
            self.shared.expunged.add(uid)

    def note_vanished(self, words):
        if not (self.qresync or self.uidonly):
            self.fault("VANISHED was not enabled")
        if words[0] == b"(EARLIER)":
            for uid in numbers_of(words[1].decode()):
                if uid in self.uids:
                    self.fault("VANISHED (EARLIER) of", uid, "in view")
                if uid in self.uid_flags:
                    self.buried(uid)
            return
        self.may_expunge("VANISHED")
        for uid in numbers_of(words[0].decode()):
            self.vanish(uid)

    def vanish(self, uid):
        self.exists -= 1
        if self.exists < 0:
            self.fault("more VANISHED than EXISTS", uid)
        if uid in self.dead.get(self.folder, ()):
            self.fault("VANISHED twice", uid)
        if uid in self.uids:
            self.uids.remove(uid)
        elif not self.uidonly:
            self.vanish_unknown(uid)
        elif self.exists < len(self.uid_flags) - (uid in self.uid_flags):
            self.fault("VANISHED of what was not there", uid)
        self.buried(uid)

    def vanish_unknown(self, uid):
        """One of the messages whose UID was not told yet."""
        number = next((n for n, other in enumerate(self.uids)
                       if other is not None and other > uid), len(self.uids))
        if number and self.uids[number - 1] is None:
            del self.uids[number - 1]
            return
        self.fault("VANISHED of what was not there", uid)
        if self.uids:
            self.uids.pop()

    def note_fetch(self, number, what, items):
        pairs = dict(zip([i if isinstance(i, bytes) else b"" for i in
                          items[::2]], items[1::2]))
        if (what == b"UIDFETCH") != self.uidonly:
            self.fault(what, "is wrong", number)
        uid = number if self.uidonly else self.place(number, pairs)
        if uid is None:
            return
        if uid in self.dead.get(self.folder, ()):
            self.fault("FETCH of", uid, "after its expunge")
        flags, modseq = pairs.get(b"FLAGS"), pairs.get(b"MODSEQ")
        if flags is not None:
            self.note_flags(uid, flags, modseq)
        if modseq is not None:
            self.note_modseq(uid, int(modseq[0]), flags)
        for name, value in pairs.items():
            self.note_content(uid, name, value)

    def place(self, number, pairs):
        """The UID of a number, which must fit between its neighbours'."""
        if not 1 <= number <= self.exists:
            self.fault("FETCH", number, "of", self.exists)
            return None
        known = self.uids[number - 1]
        told = int(pairs[b"UID"]) if b"UID" in pairs else None
        if self.qresync and told is None and b"FLAGS" in pairs \
                and not self.verb.startswith("FETCH"):
            self.fault("FLAGS without UID", number)
        if told is None:
            return known
        if known not in (None, told):
            self.fault("number", number, "is UID", known, "and", told)
        if known is None:
            before = [u for u in self.uids[:number - 1] if u]
            after = [u for u in self.uids[number:] if u]
            if (before and before[-1] >= told) or (after and after[0] <= told):
                self.fault("UIDs do not ascend at", number, told)
            self.uids[number - 1] = told
        return told

    def note_flags(self, uid, flags, modseq):
        if self.condstore and modseq is None:
            self.fault("FLAGS without MODSEQ", uid)
        plain = frozenset(flags) - {b"\\Recent"}
        strange = {f for f in plain if not f.startswith(b"\\")} - self.keywords
        if strange:
            self.fault("keywords not announced", strange)
        if b"\\Recent" in flags and self.writable:
            with self.lock:
                first = self.shared.recent.setdefault(uid, self.opened)
            if first != self.opened:
                self.fault("\\Recent told twice,", first, "and", self.opened,
                           uid)
        known = self.uid_flags.get(uid)
        if known is not None and known != plain and modseq is not None and \
                int(modseq[0]) <= self.covered:
            self.fault("change of", uid, "at", modseq, "was not told by",
                       self.covered, sorted(known), sorted(plain))
        self.uid_flags[uid] = plain
        self.told_flags.add(uid)
        if modseq is not None:
            self.agree(uid, int(modseq[0]), plain)

    def agree(self, uid, modseq, flags):
        """One mod-sequence of a message has one set of flags, for everybody."""
        with self.lock:
            known = self.shared.flags.setdefault((uid, modseq), flags)
        if known != flags:
            self.fault("UID", uid, "at MODSEQ", modseq, "has",
                       sorted(flags), "and", sorted(known))

    def note_modseq(self, uid, modseq, flags):
        known = self.modseqs.get(uid, 0)
        self.told_modseqs.add(uid)
        if modseq < known:
            self.fault("MODSEQ of", uid, "went from", known, "to", modseq)
        self.modseqs[uid] = modseq
        self.seen_modseq = max(self.seen_modseq, modseq)
        if flags is not None:
            return
        if modseq > known and uid in self.uid_flags and \
                "SILENT" not in self.verb:
            self.fault("MODSEQ of", uid, "rose and FLAGS were not told")

    def note_content(self, uid, name, value):
        if name.startswith(b"BODY[HEADER"):
            found = re.search(rb"X-Mark: (\S+)", value)
            if not found:
                self.fault("no mark in", uid, value)
                return
            self.note_mark(uid, found.group(1).decode())
        elif name == b"BODY[TEXT]":
            mark = self.shared.marks.get(uid)
            if mark and value != body_of(mark):
                self.fault("the body of", uid, "is not that of", mark)

    def note_mark(self, uid, mark):
        with self.lock:
            known = self.shared.marks.setdefault(uid, mark)
            self.shared.next = max(self.shared.next, uid + 1)
        if known != mark:
            self.fault("UID", uid, "of", self.folder, "is", mark, "and", known)


def body_of(mark):
    """A message's text, which its mark gives."""
    return ("".join("%s %d\r\n" % (mark, i)
                    for i in range(sum(mark.encode()) % 50))).encode()


def message_of(mark):
    return ("From: a@b.test\r\nSubject: %s\r\nX-Mark: %s\r\n\r\n"
            % (mark, mark)).encode() + body_of(mark)
