# SPDX-License-Identifier: ISC
"""What a bad server may do to relay, stage by stage, and what then has to
become of each recipient: computed from RFC 5321 and relay(8), and from nothing
that relay does."""

MEGABYTE = 1000000
USUAL = {"greeting": "220 hostile.test", "EHLO": "250 hostile.test",
         "HELO": "250 hostile.test", "STARTTLS": "220 go ahead",
         "AUTH": "235 2.7.0 it is you", "MAIL": "250 2.1.0 sender",
         "RCPT": "250 2.1.5 recipient", "DATA": "354 go on",
         "BDAT": "250 2.0.0 taken", "RSET": "250 2.0.0 fine", "dot": "250 2.0.0 taken",
         "QUIT": "221 bye"}
WRONG = {"greeting": 250, "EHLO": 220, "HELO": 354, "STARTTLS": 250,
         "AUTH": 250, "MAIL": 354, "RCPT": 354, "DATA": 250, "BDAT": 354, "RSET": 354,
         "dot": 354, "QUIT": 354}
LIMIT = {"connect": "smtp_connect_timeout", "greeting": "smtp_helo_timeout",
         "EHLO": "smtp_helo_timeout", "HELO": "smtp_helo_timeout",
         "STARTTLS": "smtp_starttls_timeout",
         "handshake": "smtp_starttls_timeout", "AUTH": "smtp_mail_timeout",
         "MAIL": "smtp_mail_timeout", "RSET": "smtp_mail_timeout",
         "RCPT": "smtp_rcpt_timeout", "DATA": "smtp_data_init_timeout",
         "body": "smtp_data_xfer_timeout", "BDAT": "smtp_data_done_timeout", "dot": "smtp_data_done_timeout"}
CODES = {"4xx": 451, "5xx": 550, "421": 421}
# What leaves nothing of a reply behind.
NOTHING = ("cut", "reset", "late", "drip", "garbage", "binary", "short",
           "endless", "flood", "long", "half", "refused")
BEHAVIOURS = NOTHING[:-1] + ("4xx", "5xx", "421", "wrong", "pieces", "after",
                        "afterreset", "inject")

EXTENSIONS = ["hostile.test", "PIPELINING", "8BITMIME", "DSN", "SMTPUTF8"]
WAITING, RELAYED, FAILED = "waiting", "relayed", "failed"


# ---- a case

class Case:
    """TLS is none, may or encrypt. AT: octets of the message, for the body.
    SECOND: another message goes ahead, over the same connection."""

    def __init__(self, stage, behaviour, rcpts=1, hosts=1, tls="none",
                 nth=0, at=0, size=0, pipelining=True, chunking=False,
                 second=False):
        self.stage, self.behaviour = stage, behaviour
        self.rcpts, self.hosts, self.tls = rcpts, hosts, tls
        self.nth, self.at, self.size = nth, at, size
        self.pipelining = pipelining
        self.verb = stage.split("+")[0]
        self.chunking = chunking or self.verb == "BDAT"
        self.second = second or self.verb == "RSET"
        self.inside = stage.endswith("+tls")

    def name(self):
        return "%s%s %s, %d recipients, %d hosts, tls %s%s%s%s%s%s" % (
            self.stage, ":%d" % self.nth if self.nth else "", self.behaviour,
            self.rcpts, self.hosts, self.tls,
            "" if self.pipelining else ", no pipelining",
            ", chunking" if self.chunking else "",
            ", second" if self.second else "",
            ", at %d" % self.at if self.verb == "body" else "",
            ", %d octets" % self.size if self.size else "")

    def rules(self):
        verb, text = self.verb, USUAL.get(self.verb, "")
        nth = self.nth
        if self.second and verb != "RSET":
            nth += self.rcpts if verb == "RCPT" else 2
        stage = self.stage + (":%d" % nth if nth else "")
        out = []
        if verb == "HELO":
            out.append("EHLO reply 502 5.5.1 what")
        if verb == "RSET":
            out.append("MAIL:1@1 reply 450 4.2.0 not the first")
        if verb in ("connect", "handshake", "body"):
            return out
        code = {"wrong": WRONG.get(verb), **CODES}.get(self.behaviour)
        action = {
            "late": "stall", "short": "after " + text[:2],
            "half": "after " + text[:3] + "-and",
            "garbage": "raw what do you want?\\r\\n",
            "binary": "raw \\x00\\xff\\x16\\x03\\r\\n",
            "flood": "flood %d" % MEGABYTE, "long": "long %d" % MEGABYTE,
            "pieces": "pieces " + text, "after": "after " + text,
            "afterreset": "afterreset " + text,
            "inject": "inject 250 2.0.0 and more\\r\\n",
            "502": "reply 502 5.5.1 what",
        }.get(self.behaviour, self.behaviour)
        if code:
            action = "reply %d no" % code
        if self.behaviour == "half":
            action = "after " + text[:3] + "-and"
        return out + ["%s %s" % (stage, action)]

    def setting(self):
        """The time limit that this case has to wait for."""
        if self.behaviour not in ("late", "drip"):
            return None
        # all of a small message leaves at once
        small = self.verb == "body" and not self.size
        chunk = self.verb == "BDAT" and self.nth
        return LIMIT.get("dot" if small else "body" if chunk else self.verb)

    def wants_login(self):
        return self.verb == "AUTH"

    def extensions(self):
        out = [w for w in EXTENSIONS if self.pipelining or w != "PIPELINING"]
        if self.wants_login():
            out.append("AUTH PLAIN")
        return out + ["CHUNKING"] if self.chunking else out


# ---- what has to become of it

class Lost(Exception):
    """The first host is of no use: CODE is that of its reply."""

    def __init__(self, code=0):
        super().__init__()
        self.code = code


OK, GONE = "ok", "gone"


def effect(case):
    """OK; GONE: the usual reply, then nothing more; a code; None: no reply."""
    b = case.behaviour
    if b in NOTHING:
        return None
    if b in CODES:
        return CODES[b]
    if b == "wrong":
        return WRONG[case.verb]
    return GONE if b in ("after", "afterreset") else OK


def opening(case):
    """Whether the session is inside TLS; or Lost."""
    e = effect(case)
    inside = case.tls != "none"
    lost = Lost(e if isinstance(e, int) else 0)
    if case.stage in ("connect", "greeting", "EHLO", "HELO"):
        helo = case.stage == "EHLO" and e == 550
        if e != OK and not helo:
            raise lost
        return inside and not helo
    if case.stage == "STARTTLS":
        if e == OK or (case.tls == "encrypt" and e != 421):
            if e != OK:
                raise Lost()
            return True
        if e == 421:
            raise lost
        return False  # in clear, on this or another connection
    if case.stage in ("handshake", "EHLO+tls"):
        if e == OK:
            return True
        if e == GONE:
            raise lost
        if isinstance(e, int) and not (case.stage == "EHLO+tls" and e == 550):
            raise lost
        if e == 550:
            return True
        if case.tls == "encrypt":
            raise lost
        return False
    if case.stage == "AUTH" and e != OK:
        raise lost
    return inside


def reply_state(code):
    return (FAILED if code // 100 == 5 else WAITING, code)


def transaction(case):
    """For each recipient what the first host brings; None: nothing. And whether
    the rest may go elsewhere, with the code that it failed with."""
    none = [None] * case.rcpts
    e = effect(case)
    verb = case.verb
    lost = e is None or e in (GONE, 421)
    code = 421 if e == 421 else 0
    if verb in ("MAIL", "RCPT", "DATA") and lost:
        return none, code
    if verb == "MAIL" and e != OK:
        return [reply_state(e)] * case.rcpts, code
    if verb == "RCPT" and e != OK:
        out = [(RELAYED, 250)] * case.rcpts
        out[case.nth - 1] = reply_state(e)
        return out, code
    if verb == "DATA" and e not in (OK, 250):
        return [reply_state(e)] * case.rcpts, code
    if verb == "DATA" and e == 250:
        return none, 0
    if verb in ("dot", "BDAT") and \
            case.behaviour in ("flood", "long", "endless"):
        return [(RELAYED, 250)] * case.rcpts, 0  # it is said, without end
    if verb == "BDAT" and e == 354:
        e = None
    if verb in ("dot", "BDAT") and e not in (OK, GONE):
        return [reply_state(e or 0)] * case.rcpts, 0
    return [(RELAYED, 250)] * case.rcpts, 0


def elsewhere(case, results, code):
    rest = (RELAYED, 250) if case.hosts == 2 else (WAITING, code)
    return [rest if r is None else r for r in results]


def expected(case):
    """The lists of results that are right."""
    if case.behaviour == "inject" and case.stage != "STARTTLS":
        return None
    try:
        opening(case)
    except Lost as lost:
        return [elsewhere(case, [None] * case.rcpts, lost.code)]
    results, code = transaction(case)
    out = [elsewhere(case, results, code)]
    if case.verb == "body":
        out = body_results(case)
    if case.chunking:
        out = chunk_results(case, out[0])
    if case.verb == "DATA" and effect(case) == GONE:
        # the message may have left, all of it, before the reset was seen
        out.append([(WAITING, 0)] * case.rcpts)
    return out


def chunk_results(case, usual):
    """What goes out before the replies are there may have arrived."""
    all_of_it = [[(RELAYED, 250)] * case.rcpts]
    unknown = [(WAITING, 0)] * case.rcpts
    e = effect(case)
    lost = e is None or e == GONE
    if case.behaviour == "502":
        return all_of_it  # by DATA
    if case.nth and case.verb == "BDAT":  # not the last chunk
        return [unknown, elsewhere(case, [None] * case.rcpts, 0)] \
            if lost or e == 354 else \
            [[(WAITING, 421)] * case.rcpts,
             elsewhere(case, [None] * case.rcpts, 421)] if e == 421 else [usual]
    if case.second and case.verb in ("MAIL", "RCPT"):
        return [unknown] if lost else \
            [[(WAITING, 421)] * case.rcpts] if e == 421 else [usual]
    return [usual]


def body_results(case):
    """Amid the message: what has left is in the hands of the network, and so is
    whether we had sent the end when the server ended."""
    lost = elsewhere(case, [None] * case.rcpts, 0)
    unknown = [(WAITING, 0)] * case.rcpts
    code = CODES.get(case.behaviour)
    if code == 421:
        return [[(WAITING, 421)] * case.rcpts,
                elsewhere(case, [None] * case.rcpts, 421)]
    if code: # before a single octet it is out of turn
        refused = [reply_state(code)] * case.rcpts
        return [refused] if case.at else [refused, lost]
    if case.behaviour == "late" and not case.size:
        return [unknown]
    return [lost, unknown]


# ---- all of them

def stages(tls):
    first = ["greeting", "EHLO", "HELO"] if tls == "none" else \
        ["STARTTLS", "EHLO+tls"]
    tail = "" if tls == "none" else "+tls"
    return first + [s + tail for s in ("MAIL", "RCPT", "DATA", "RSET", "dot",
                                       "QUIT")]


def cases(full):
    seen = []
    plain = [("none", 1, 1), ("none", 3, 2), ("encrypt", 3, 1)]
    if full:
        plain = [(t, r, h) for t in ("none", "encrypt", "may")
                 for r in (1, 3) for h in (1, 2)]
    for tls, rcpts, hosts in plain:
        for stage in stages(tls):
            for b in BEHAVIOURS:
                for nth in range(1, rcpts + 1) if stage[:4] == "RCPT" else [0]:
                    if stage[:4] == "QUIT" and b in ("late", "drip"):
                        continue
                    for pipelining in (True, False) if full else \
                            [hosts + rcpts != 4 or b != "4xx"]:
                        seen.append(Case(stage, b, rcpts, hosts, tls, nth,
                                         pipelining=pipelining))
    for tls in ("may", "encrypt"):
        for b in ("cut", "reset", "late", "garbage"):
            seen.append(Case("handshake", b, 1, 2, tls))
        if not full:
            for stage in ("STARTTLS", "EHLO+tls"):
                seen += [Case(stage, b, 1, 1, "may")
                         for b in ("cut", "4xx", "5xx", "421", "garbage")]
    for b in ("cut", "reset", "refused"):
        seen += [Case("connect", b, 1, h) for h in (1, 2)]
    seen += [Case("AUTH", b, 1, 2) for b in BEHAVIOURS]
    return seen + list(body_cases(full)) + list(chunk_cases(full))


def chunk_cases(full):
    some = BEHAVIOURS if full else (
        "cut", "reset", "garbage", "4xx", "5xx", "421", "wrong", "after")
    for tls in ("none", "encrypt") if full else ("none",):
        tail = "" if tls == "none" else "+tls"
        for b in BEHAVIOURS + ("502",):
            yield Case("BDAT" + tail, b, 3, 2, tls)
        for b in some:
            yield Case("BDAT" + tail, b, 3, 2, tls, pipelining=False)
            yield Case("BDAT" + tail, b, 3, 2, tls, nth=1, size=700000)
            yield Case("MAIL" + tail, b, 3, 2, tls, chunking=True)
            for stage in ("MAIL", "RCPT", "BDAT"):
                yield Case(stage + tail, b, 3, 2, tls, chunking=True,
                           second=True, nth=2 if stage == "RCPT" else 0)


def body_cases(full):
    big = 6 * MEGABYTE
    bodies = ("cut", "reset", "late", "garbage", "4xx", "5xx", "421")
    for tls, hosts in (("none", 2), ("encrypt", 1)):
        for at in (0, 1, 10, 11, 12, 100, 600) if full else (0, 11, 300):
            for b in bodies:
                yield Case("body", b, 3, hosts, tls, at=at)
        for b in bodies if full else ("cut", "5xx"):
            yield Case("body", b, 2, hosts, tls, at=100000, size=big)
