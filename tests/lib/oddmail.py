# SPDX-License-Identifier: ISC
"""Messages for tests that compare IMAP servers: right ones of every shape, and
broken ones. MESSAGES is {name: octets}; LF line ends unless said otherwise."""

HEAD = (b"From: A <a@b.example>\nTo: c@d.example\nSubject: a case\n"
        b"Date: Mon, 7 Feb 1994 21:52:25 -0800\n"
        b"Message-ID: <case@b.example>\n")
MIME = HEAD + b"MIME-Version: 1.0\n"


def mixed(body, boundary=b"b", kind=b"mixed", quoted=True):
    mark = b'"%s"' % boundary if quoted else boundary
    return (MIME + b"Content-Type: multipart/" + kind + b"; boundary=" + mark +
            b"\n\n" + body)


def typed(value, body=b"text\n"):
    return MIME + b"Content-Type: " + value + b"\n\n" + body


def header(fields, body=b"text\n"):
    return fields + b"\n" + body


def nested(depth):
    text = b"Content-Type: text/plain\n\ndeep\n"
    for n in range(depth):
        text = (b'Content-Type: multipart/mixed; boundary="n%d"\n\n--n%d\n%s'
                b"--n%d--\n" % (n, n, text, n))
    return MIME + text


def forwarded(depth):
    text = HEAD + b"\ninnermost\n"
    for _ in range(depth):
        text = HEAD + b"Content-Type: message/rfc822\n\n" + text
    return text


def threaded(number, subject, references=b"", date=None, ident=None):
    """One of a conversation."""
    return (b"From: A <a@b.example>\nSubject: %s\nDate: %d Mar 2020 12:00:00 "
            b"+0000\nMessage-ID: <%s@thread>\n%s\ntext\n" %
            (subject, date or number, ident or b"t%d" % number, references))


INNER = (b"From: inner@b.example\nSubject: inner\n"
         b"Date: Tue, 8 Feb 1994 21:52:25 +0100\n")

MESSAGES = {
    # --- shapes ---
    "plain": HEAD + b"\nHello.\nSecond line.\n",
    "no-mime-version": HEAD + b"Content-Type: text/html\n\n<p>x</p>\n",
    "crlf": (HEAD + b"\nHello.\nSecond line.\n").replace(b"\n", b"\r\n"),
    "mixed-line-ends": HEAD + b"\none\r\ntwo\nthree\rstill\r\r\nfour",
    "no-final-newline": HEAD + b"\nHello.\nno end",
    "two-parts": mixed(b"preamble\n--b\n\none\n--b\n"
                       b"Content-Type: text/html\n\n<p>two</p>\n--b--\n"
                       b"epilogue\n"),
    "parts-without-line": mixed(b"--b\n\none\n--b\n\ntwo\n--b--"),
    "crlf-parts": mixed(b"--b\n\none\n\n--b\nContent-Type: text/html\n\ntwo\n"
                        b"--b--\n").replace(b"\n", b"\r\n"),
    "empty-lines-before-boundary": mixed(b"--b\n\none\n\n\n--b\n\ntwo\n\n"
                                         b"--b--\n"),
    "alternative-in-mixed": mixed(
        b'--b\nContent-Type: multipart/alternative; boundary="bb"\n\n'
        b"--bb\nContent-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9\n--bb\n"
        b"Content-Type: text/html; charset=iso-8859-1\n\n<p>caf\xe9</p>\n"
        b"--bb--\n--b\nContent-Type: application/pdf; name=x.pdf\n"
        b"Content-Transfer-Encoding: base64\nContent-ID: <id@x>\n"
        b"Content-Description: a file\nContent-MD5: Q2hlY2s=\n"
        b"Content-Language: en, fr\nContent-Location: http://x.example/y\n"
        b"Content-Disposition: attachment; filename=x.pdf; size=5\n\n"
        b"aGVsbG8=\n--b--\n"),
    "forwarded": mixed(b"--b\n\nsee below\n--b\nContent-Type: message/rfc822\n"
                       b"\n" + INNER + b"\ninner text\nline 2\n--b--\n"),
    "forwarded-parts": mixed(
        b"--b\nContent-Type: message/rfc822\n\n" + INNER +
        b"Content-Type: multipart/mixed; boundary=i\n\n--i\n\nfirst\n--i\n"
        b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAAA\n"
        b"--i--\n\n--b--\n"),
    "forwarded-alone": HEAD + b"Content-Type: message/rfc822\n\n" + INNER +
                       b"\ninner\n",
    "forwarded-twice": forwarded(2),
    "forwarded-empty": mixed(b"--b\nContent-Type: message/rfc822\n\n--b--\n"),
    "forwarded-header-only": mixed(b"--b\nContent-Type: message/rfc822\n\n" +
                                   INNER + b"--b--\n"),
    "forwarded-base64": mixed(b"--b\nContent-Type: message/rfc822\n"
                              b"Content-Transfer-Encoding: base64\n\n"
                              b"U3ViamVjdDogeAoKeQo=\n--b--\n"),
    "forwarded-global": mixed(b"--b\nContent-Type: message/global\n\n" +
                              INNER + b"\ninner\n--b--\n"),
    "digest": mixed(b"--b\n\n" + INNER + b"\none\n--b\n"
                    b"Content-Type: text/plain\n\nno message\n--b--\n",
                    kind=b"digest"),
    "digest-no-blank-line": mixed(b"--b\n" + INNER + b"\none\n--b--\n",
                                  kind=b"digest"),
    "external-body": typed(b'message/external-body; access-type=local-file; '
                           b'name="/x"', b"Content-Type: image/gif\n\n"),
    "delivery-status": mixed(
        b"--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b\n"
        b"Action: failed\n--b\nContent-Type: text/rfc822-headers\n\n" + INNER +
        b"--b--\n", kind=b"report"),
    "nested-10": nested(10),
    "nested-60": nested(60),
    "parts-300": mixed(b"".join(b"--b\n\npart %d\n" % n for n in range(300)) +
                       b"--b--\n"),
    "parameters": typed(b"text/plain; charset=utf-8; format=flowed; delsp=yes;"
                        b"\n\tx-folded=\n y"),
    "parameters-2231": typed(
        b"application/x; name*0*=utf-8'en'%C3%A9; name*1=\"b c\"; name*2=d;\n"
        b" file*=iso-8859-1''%e9; plain=x"),
    "parameters-comments": typed(b"text/plain (c); (d) charset (e) = (f) "
                                 b"us-ascii (g) ; x=\"a(b)\""),
    "parameters-escaped": typed(b'text/plain; name="a\\"b\\\\c"; x=""'),
    "parameters-encoded-word": typed(
        b'application/pdf; name="=?utf-8?Q?caf=C3=A9=2Epdf?="'),
    "upper-case": typed(b"TEXT/HTML; CHARSET=UTF-8; Name=X"),
    "disposition-no-parameters": MIME + b"Content-Disposition: inline\n\nx\n",
    "header-fields-folded": header(
        HEAD + b"X-Long: one\n two\n\tthree\n   four\nX-Empty:\nX-Blank: \n"
        b"X-No-Space:x\nReceived: a\nReceived: b\nX-Space : before\n"),
    # --- addresses ---
    "addresses": header(
        b"From: \"Quoted, Name\" <q@x.example>, b@y.example (Comment Name)\n"
        b"Sender: <s@x.example>\nReply-To: r@x.example\n"
        b"To: group: a@x, B <b@x>;, after@x\nCc: undisclosed-recipients:;\n"
        b"Bcc: =?utf-8?Q?J=C3=BCrgen?= <j@x>\nSubject: =?utf-8?B?w6k=?= x\n"
        b"Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\n"
        b"Message-ID: <x@y> \nIn-Reply-To: <z@y>\n <zz@y>\n"),
    "address-route": header(b"From: <@a.example,@b.example:c@d.example>\n"),
    "address-no-domain": header(b"From: someone\nTo: Some One <local>\n"),
    "address-empty": header(b"From: <>\nTo: \nCc: ,,\nBcc: \"\" <a@b>\n"),
    "address-list-only-name": header(b"From: Only A Name\nTo: \"Q\"\n"),
    "address-8bit": header(b"From: Caf\xe9 <c@x>\nTo: \xc3\xa9 <e@x>\n"
                           b"Subject: caf\xe9\n"),
    "address-unbalanced": header(b"From: \"open <a@b>\nTo: (open a@b\n"
                                 b"Cc: <a@b\nBcc: a@b>\n"),
    "address-domain-literal": header(b"From: a@[192.0.2.1]\nTo: b@[a b]\n"),
    "address-spaces": header(b"From: a b . c @ d . e <x @ y . z>\n"
                             b"To: a . b @ c . d\n"),
    "address-comments": header(b"From: (one) a (two) @ (three) b (four)\n"
                               b"To: N (c) <a@b> (d)\n"),
    "address-semicolons": header(b"From: a@b; c@d\nTo: g:a@b\nCc: :;\n"
                                 b"Bcc: a: b: c@d;;\n"),
    "address-nested-comment": header(b"From: a@b (x (y) z)\n"),
    "address-escapes": header(b'From: "a\\"b\\\\" <"q\\"x"@y>\n'
                              b'To: "a b"@c\n'),
    "address-dots": header(b"From: a..b@c\nTo: .a@b\nCc: a.@b\n"
                           b"Bcc: J. R. Name <a@b>\n"),
    "address-two-froms": header(b"From: a@b\nFrom: c@d\nTo: e@f\nTo: g@h\n"
                                b"Subject: one\nSubject: two\n"
                                b"Message-ID: <1@x>\nMessage-ID: <2@x>\n"
                                b"Date: 1 Jan 2001 00:00:00 +0000\n"
                                b"Date: 2 Jan 2002 00:00:00 +0000\n"),
    "address-folded": header(b"From: A\n <a@b>\nTo: a@b,\n\tc@d,\n   e@f\n"
                             b"Subject: one\n two\n\tthree\n"),
    "address-many": header(b"To: " + b", ".join(b"u%d@x" % n
                                                for n in range(500)) + b"\n"),
    "address-semicolon-end": header(b"From: a@b;\nTo: c@d,\nCc: , e@f\n"),
    "address-missing-at": header(b"From: A <a.b>\nTo: @b\nCc: a@\n"
                                 b"Bcc: A <@b>\n"),
    "reply-to-empty": header(b"From: a@b\nSender:\nReply-To: \n"),
    # --- headers ---
    "empty": b"",
    "one-newline": b"\n",
    "body-only": b"\nbody without a header\n",
    "header-only": HEAD,
    "header-no-end": HEAD[:-1],
    "no-colon": b"this is no field\nSubject: x\n\nbody\n",
    "no-colon-later": HEAD + b"no colon here\nX-After: y\n\nbody\n",
    "mbox-from": b"From a@b Mon Feb  7 21:52:25 1994\n" + HEAD + b"\nbody\n",
    "starts-with-space": b" continued: from nothing\nSubject: x\n\nbody\n",
    "blank-line-of-spaces": HEAD + b"   \nstill header?\n\nbody\n",
    "empty-name": b": no name\nSubject: x\n\nbody\n",
    "long-line": header(b"Subject: " + b"x" * 5000 + b"\n"),
    "subject-encoded": header(
        b"Subject: =?iso-8859-1?Q?caf=E9?= =?utf-8?B?w6k=?= plain\n"
        b"  =?UTF-8?Q?sp=C3?= =?UTF-8?Q?=A9lit?=\n"),
    "subject-broken-word": header(b"Subject: =?utf-8?Q?open =?x?Z?y?= =?\n"),
    "subject-quote": header(b"Subject: say \"hi\" \\ back\n"),
    "subject-empty": header(b"Subject:\n"),
    "subject-spaces": header(b"Subject:   two  spaces   \n"),
    "subject-tab": header(b"Subject: a\tb\n\tc\n"),
    "subject-folded-empty": header(b"Subject:\n only the second line\n"),
    "subject-nul": header(b"Subject: a\0b\n", b"body\0end\n"),
    "date-folded": header(b"Date: Mon,\n 7 Feb 1994\n 21:52:25 -0800\n"),
    "date-none": header(b"Subject: no date\n"),
    "date-broken": header(b"Date: yesterday\n"),
    "date-named-zone": header(b"Date: 7 Feb 94 21:52 EST\n"),
    "date-no-seconds": header(b"Date: Mon, 7 Feb 1994 23:59 -0800\n"),
    "date-comment": header(b"Date: Mon, (x) 7 Feb 1994 21:52:25 GMT (y)\n"),
    "type-empty": MIME + b"Content-Type:\n\nx\n",
    "type-garbage": typed(b"garbage"),
    "type-no-subtype": typed(b"text"),
    "type-no-subtype-slash": typed(b"text/"),
    "type-only-parameters": typed(b"; charset=utf-8"),
    "type-spaces": typed(b" text / plain ; charset = utf-8 "),
    "type-twice": MIME + (b"Content-Type: text/html\n"
                          b"Content-Type: text/plain\n\nx\n"),
    "type-8bit": typed(b"text/pl\xe9; charset=\xe9"),
    "type-unfinished-quote": typed(b'text/plain; charset="utf-8'),
    "type-two-semicolons": typed(b"text/plain;; charset=utf-8;"),
    "type-no-value": typed(b"text/plain; charset; format=flowed"),
    "type-same-twice": typed(b"text/plain; charset=a; charset=b"),
    "type-too-much": typed(b"text/plain/extra; charset=utf-8"),
    "encoding-unknown": MIME + b"Content-Transfer-Encoding: zip\n\nx\n",
    "encoding-empty": MIME + b"Content-Transfer-Encoding:\n\nx\n",
    "encoding-comment": MIME + (b"Content-Transfer-Encoding: (c) base64 (d)\n"
                                b"\neA==\n"),
    "encoding-upper": MIME + b"Content-Transfer-Encoding: BASE64\n\neA==\n",
    "disposition-garbage": MIME + b"Content-Disposition: ;;; =\n\nx\n",
    "language-list": MIME + b"Content-Language: en, de-CH (x), fr\n\nx\n",
    "language-garbage": MIME + b"Content-Language: ,,\n\nx\n",
    "content-id-empty": MIME + b"Content-ID:\nContent-Description: \n\nx\n",
    "content-description-encoded": MIME + (
        b"Content-Description: =?utf-8?Q?caf=C3=A9?=\n folded\n\nx\n"),
    # --- broken multiparts ---
    "no-boundary": typed(b"multipart/mixed", b"--b\n\nx\n--b--\n"),
    "empty-boundary": mixed(b"--\n\nx\n----\n", b""),
    "boundary-not-found": mixed(b"nothing here\n"),
    "multipart-no-body": mixed(b""),
    "no-closing": mixed(b"--b\n\none\n--b\n\ntwo\n"),
    "only-closing": mixed(b"--b--\n"),
    "opening-at-end": mixed(b"--b\n"),
    "part-header-no-end": mixed(b"--b\nContent-Type: text/html\n--b--\n"),
    "part-header-at-end": mixed(b"--b\nContent-Type: text/html"),
    "boundary-prefix": mixed(
        b"--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nin\n"
        b"--bb--\n--b--\n"),
    "boundary-prefix-outer": mixed(
        b"--bb\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nin\n"
        b"--b--\n--bb--\n", b"bb"),
    "boundary-same": mixed(
        b"--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nin\n"
        b"--b--\n\nafter\n--b--\n"),
    "boundary-outer-ends-inner": mixed(
        b"--b\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nin\n"
        b"--b\n\nnext\n--b--\n"),
    "boundary-with-spaces": mixed(b"--b  \n\none\n--b \t\n\ntwo\n--b-- \n"),
    "boundary-longer-line": mixed(b"--bx\n\none\n--b\n\ntwo\n--b--x\n"),
    "boundary-long": mixed(b"--" + b"L" * 120 + b"\n\nx\n--" + b"L" * 120 +
                           b"--\n", b"L" * 120),
    "boundary-trailing-space": mixed(b"--b \n\nx\n--b --\n", b"b "),
    "boundary-unquoted-odd": mixed(b"--=_a:b\n\nx\n--=_a:b--\n", b"=_a:b",
                                   quoted=False),
    "boundary-inner-dashes": mixed(b"--b\n\n--\n--c\n-- b\n--b--\n"),
    "boundary-in-rfc822": mixed(
        b"--b\nContent-Type: message/rfc822\n\n" + INNER +
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nwhose\n--b--\n"),
    "after-closing": mixed(b"--b\n\none\n--b--\n--b\n\nnot a part\n--b--\n"),
    "multipart-base64": MIME + (
        b"Content-Type: multipart/mixed; boundary=b\n"
        b"Content-Transfer-Encoding: base64\n\n--b\n\nx\n--b--\n"),
    "multipart-no-subtype": typed(b"multipart; boundary=b",
                                  b"--b\n\nx\n--b--\n"),
    "multipart-charset": typed(b"multipart/mixed; charset=utf-8; boundary=b; "
                               b"type=x", b"--b\n\nx\n--b--\n"),
    "part-crlf-mix": mixed(b"--b\r\n\none\r\n--b\n\r\ntwo\n\r\n--b--\r\n"),
    "part-body-at-once": mixed(b"--b\n--b\n--b--\n"),
    # --- conversations ---
    "thread-01": threaded(1, b"topic"),
    "thread-02": threaded(2, b"Re: topic", b"References: <t1@thread>\n"),
    "thread-03": threaded(3, b"Re: topic", b"In-Reply-To: <t2@thread>\n"),
    "thread-04": threaded(4, b"Re: [list] topic (fwd)"),
    "thread-05": threaded(5, b"Re: lost", b"References: <lost@thread> "
                                            b"<t4@thread>\n"),
    "thread-06": threaded(6, b"Re: lost", b"References: <lost@thread>\n"),
    "thread-07": threaded(7, b"twice", ident=b"same"),
    "thread-08": threaded(8, b"Re: twice", ident=b"same"),
    "thread-09": threaded(9, b"Re: twice", b"References: <same@thread>\n"),
    "thread-10": threaded(10, b"round", b"References: <t11@thread>\n"),
    "thread-11": threaded(11, b"round", b"References: <t10@thread>\n"),
    "thread-12": threaded(12, b"self", b"References: <t12@thread>\n"),
    "thread-13": threaded(13, b"Fwd: gone", b"References: <g1@thread>\n\t"
                                              b"<g2@thread>\n"),
    "thread-14": threaded(14, b"gone", b"References: <g1@thread> broken "
                                         b"<g3@thread>\n", date=1),
    "thread-15": threaded(15, b""),
    "thread-16": threaded(16, b"Re:", b"In-Reply-To: your message of today\n"),
    "thread-17": threaded(17, b"topic", b"In-Reply-To: <t1@thread> "
                                          b"<t4@thread>\n"),
    "thread-18": threaded(18, b"Re: topic", b'References: <"t1"@thread>\n'),
    # --- texts to search ---
    "search-utf8": typed(b"text/plain; charset=utf-8",
                         "Größe ÀÉÎ naïve Straße\n".encode()),
    "search-latin1": typed(b"text/plain; charset=iso-8859-1",
                           "Größe naïve\n".encode("latin-1")),
    "search-koi8": typed(b"text/plain; charset=koi8-r",
                         "Привет мир\n".encode("koi8-r")),
    "search-base64": MIME + (
        b"Content-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: base64\n\n"
        b"aGlkZGVuIHdvcmQgaW4gYmFzZTY0CkdyP1x/\n"),
    "search-soft-break": MIME + (
        b"Content-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: quoted-printable\n\nsplit=\nword "
        b"na=C3=\n=AFve\n"),
    "search-attachment": mixed(
        b"--b\nContent-Type: application/octet-stream\n"
        b"Content-Transfer-Encoding: base64\n\naW52aXNpYmxlIHdvcmQ=\n--b--\n"),
    "search-html": typed(b"text/html", b"<p class=markup>vis&eacute;ible "
                                       b"<b>bo</b>ld</p>\n"),
    "search-rfc822": mixed(b"--b\nContent-Type: message/rfc822\n\n" + INNER +
                           b"X-Inner: needle\n\nhaystack\n--b--\n"),
}
