# SPDX-License-Identifier: ISC
"""Mail for the IMAP benchmarks: always the same messages, about 22 KB each on
average, of the kinds that fill mailboxes: plain text, text beside HTML, with
attachments, forwarded as message/rfc822, from mailing lists; in threads, with
encoded words, quoted-printable and base64."""
import base64
import os
import quopri
import random
import time

FIRST_DATE = 1700000000
RARE = "quillwort"      # in about one message of a hundred
ABSENT = "zymurgical"   # in none
SYLLABLES = ("ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo ya ze "
             "bran cres dol fen gri hul jan kel lim mor").split()
NAMES = ("Anna", "Bertrand", "Chloé", "Dmitri", "Elif", "Françoise", "Grete",
         "Hugo", "Ines", "Jørgen", "Katarzyna", "Luís")
DOMAINS = ("example.com", "example.net", "example.org", "lists.example.org")
WORD = ["".join(random.Random(n).choices(SYLLABLES, k=1 + n % 4))
        for n in range(4000)]
# Repeated pieces make the text quick to write; each message takes others.
_rng = random.Random(22)
LINES = [" ".join(_rng.choices(WORD, k=9)) for _ in range(3000)]
ACCENTED = [line.replace("a", "é", 1).replace("o", "ü", 1)
            for line in LINES[:500]]
BINARY = [base64.encodebytes(_rng.randbytes(57 * 64)).decode()
          for _ in range(200)]


def encoded(text):
    """A phrase for a header field (RFC 2047)."""
    if text.isascii():
        return text
    return "=?UTF-8?B?%s?=" % base64.b64encode(text.encode()).decode()


def address(rng):
    name = rng.choice(NAMES)
    box = "%s.%s" % (rng.choice(WORD), rng.choice(WORD))
    return "%s %s <%s@%s>" % (encoded(name), rng.choice(WORD).title(), box,
                              rng.choice(DOMAINS))


def text_of(rng, lines):
    chosen = rng.choices(LINES, k=lines)
    if rng.random() < 0.01:
        chosen[-1] += " " + RARE
    return "\n".join(chosen) + "\n"


def quoted(rng, lines):
    text = "\n".join(rng.choices(ACCENTED, k=lines)) + "\n"
    return quopri.encodestring(text.encode()).decode()


def html_of(rng, lines):
    rows = "".join('<tr><td class="c%d" style="padding: 0 4px">%s</td></tr>\n'
                   % (n % 7, line)
                   for n, line in enumerate(rng.choices(LINES, k=lines)))
    return ("<html><head><meta charset=utf-8><title>%s</title></head>\n<body>"
            "<table>\n%s</table></body></html>\n" % (rng.choice(LINES), rows))


def multipart(kind, boundary, parts):
    """(the fields, the body) of entities, each one text with its fields"""
    body = "This is a multi-part message in MIME format.\n"
    for part in parts:
        body += "--%s\n%s\n" % (boundary, part)
    return ('Content-Type: multipart/%s; boundary="%s"\n' % (kind, boundary),
            body + "--%s--\n" % boundary)


def entity(fields_and_body):
    return "\n".join(fields_and_body)


def plain(rng, lines):
    if rng.random() < 0.3:
        return ("Content-Type: text/plain; charset=utf-8\n"
                "Content-Transfer-Encoding: quoted-printable\n",
                quoted(rng, lines))
    return ("Content-Type: text/plain; charset=us-ascii; format=flowed\n"
            "Content-Transfer-Encoding: 7bit\n", text_of(rng, lines))


def html(rng, lines):
    return ("Content-Type: text/html; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n", html_of(rng, lines))


def alternative(rng, lines):
    return multipart("alternative", "=_alt%08x" % rng.getrandbits(32),
                     [entity(plain(rng, lines)), entity(html(rng, lines))])


def attachment(rng, blocks):
    name = "%s-%s.pdf" % (rng.choice(WORD), rng.choice(WORD))
    return ("Content-Type: application/pdf; name=\"%s\"\n"
            "Content-Transfer-Encoding: base64\n"
            "Content-Disposition: attachment; filename=\"%s\"; size=%d\n" %
            (name, name, blocks * 57 * 64),
            "".join(rng.choices(BINARY, k=blocks)))


def mixed(rng, lines):
    parts = [entity(alternative(rng, lines))]
    parts += [entity(attachment(rng, rng.randint(2, 16)))
              for _ in range(rng.choice((1, 1, 1, 2)))]
    return multipart("mixed", "----=_Part_%d" % rng.getrandbits(40), parts)


def forwarded(rng, lines):
    inner = ("From: %s\nTo: %s\nSubject: %s\nDate: %s\nMIME-Version: 1.0\n" %
             (address(rng), address(rng), rng.choice(LINES),
              date_of(rng.randrange(FIRST_DATE), 0)))
    return multipart("mixed", "fwd.%d" % rng.getrandbits(40),
                     [entity(plain(rng, 6)),
                      "Content-Type: message/rfc822\n\n%s%s" %
                      (inner, entity(alternative(rng, lines)))])


KINDS = ((plain, 0.35), (alternative, 0.3), (mixed, 0.25), (forwarded, 0.1))


def date_of(seconds, zone):
    return (time.strftime("%a, %d %b %Y %H:%M:%S",
                          time.gmtime(seconds + zone * 3600)) +
            " %+03d00" % zone)


def message_id(number):
    return "<%d.%x@%s>" % (FIRST_DATE + number, number * 2654435761 % 2**32,
                           DOMAINS[number % 4])


def thread_of(number):
    """The numbers of the messages that this one follows, oldest first."""
    above = []
    while number % 3 and len(above) < 8:
        number -= 1 + number * 7 % 20
        if number < 0:
            break
        above.insert(0, number)
    return above


def subject_of(number):
    above = thread_of(number)
    first = random.Random(above[0] if above else number)
    words = " ".join(first.choices(WORD, k=5))
    if first.random() < 0.1:
        words += " réponse"
    return encoded(("Re: " if above else "") + words)


def received(rng, seconds):
    hops = []
    for hop in range(rng.randint(2, 5)):
        hops.append("Received: from %s.%s (%s.%s [192.0.2.%d])\n\tby mx%d.%s "
                    "(Postfix) with ESMTPS id %010X\n\tfor <box@example.test>;"
                    " %s\n" %
                    (rng.choice(WORD), DOMAINS[hop % 4], rng.choice(WORD),
                     DOMAINS[hop % 4], rng.randrange(256), hop,
                     DOMAINS[hop % 4], rng.getrandbits(40),
                     date_of(seconds - hop, 0)))
    return "".join(hops)


def head_of(rng, number, seconds):
    above = [message_id(n) for n in thread_of(number)]
    head = "Return-Path: <%s@%s>\nDelivered-To: box@example.test\n" % (
        rng.choice(WORD), rng.choice(DOMAINS))
    head += received(rng, seconds)
    if rng.random() < 0.6:
        signature = base64.b64encode(rng.randbytes(256)).decode()
        head += ("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; "
                 "s=s1;\n\th=from:to:subject:date:message-id;\n\tb=%s\n" %
                 (rng.choice(DOMAINS), "\n\t ".join(
                     signature[n:n + 70] for n in range(0, 344, 70))))
    head += "From: %s\nTo: box@example.test\n" % address(rng)
    if rng.random() < 0.4:
        head += "Cc: %s\n" % ",\n\t".join(
            address(rng) for _ in range(rng.randint(1, 6)))
    head += "Subject: %s\nDate: %s\nMessage-ID: %s\n" % (
        subject_of(number), date_of(seconds, rng.randint(-8, 9)),
        message_id(number))
    if above:
        head += "In-Reply-To: %s\nReferences: %s\n" % (above[-1],
                                                       "\n\t".join(above))
    if number % 4 == 3:
        head += ("List-Id: <team.%s>\nList-Unsubscribe: <mailto:leave@%s>\n"
                 "Precedence: list\n" % (DOMAINS[3], DOMAINS[3]))
    return head + "X-Mailer: Mail %d.0\nMIME-Version: 1.0\n" % (number % 9)


def message(number):
    """(the message as a delivery agent stores it, its seconds)"""
    rng = random.Random(number)
    seconds = FIRST_DATE + number * 613
    (kind,) = rng.choices([k for k, _ in KINDS], [w for _, w in KINDS])
    fields, body = kind(rng, rng.randint(4, 120))
    return ("%s%s\n%s" % (head_of(rng, number, seconds), fields,
                          body)).encode(), seconds


def fill(folder, count, owner):
    """COUNT messages, read ones, in cur/ of a new Maildir."""
    for sub in ("", "cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, sub), exist_ok=True)
        os.chown(os.path.join(folder, sub), owner, owner)
    for number in range(count):
        text, seconds = message(number)
        path = "%s/cur/%d.M%dP7.host,S=%d,W=%d:2,S" % (
            folder, seconds, number, len(text), len(text) + text.count(b"\n"))
        with open(path, "wb") as file:
            file.write(text)
        os.chown(path, owner, owner)
        os.utime(path, (seconds, seconds))


def link(source, folder, owner, times=1):
    """The messages of SOURCE, TIMES times, in a new Maildir FOLDER."""
    for sub in ("", "cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, sub), exist_ok=True)
        os.chown(os.path.join(folder, sub), owner, owner)
    names = os.listdir("%s/cur" % source)
    for turn in range(times):
        for name in names:
            seconds, rest = name.split(".", 1)
            os.link("%s/cur/%s" % (source, name),
                    "%s/cur/%s.T%d%s" % (folder, seconds, turn, rest))
