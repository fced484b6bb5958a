#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# THREAD: the three algorithms over a few messages. tests/unit has the corners.

load lib/helpers

setup_file()
{
	export TZ=UTC0
	instance_new
	BOX=$(maildir bob)
	count=0
	put() {
		local file
		file=$BOX/cur/$((++count)).M1.h:2,S
		cat >"$file"
		touch -d "2024-01-0$count 00:00:00 UTC" "$file"
	}
	put <<-'END'
	Message-ID: <one@x>
	Subject: Plan
	Date: Wed, 10 Jan 2024 00:00:00 +0000

	END
	put <<-'END'
	Message-ID: <two@x>
	In-Reply-To: Your letter <one@x>
	Subject: Re: Plan
	Date: Fri, 12 Jan 2024 00:00:00 +0000

	END
	put <<-'END'
	Message-ID: <three@x>
	References: <"one"@x>
	 (a comment) <two@x>
	In-Reply-To: <elsewhere@x>
	Subject: =?utf-8?Q?Re:_plan?=
	Date: Sat, 13 Jan 2024 00:00:00 +0000

	END
	put <<-'END'
	Message-ID: <four@x>
	References: <one@x>
	Subject: Re: Plan
	Date: Thu, 11 Jan 2024 00:00:00 +0000

	END
	# Its references are lost; without a Date INTERNALDATE counts.
	put <<-'END'
	Message-ID: <five@x>
	Subject: Re: PLAN (fwd)

	END
	put <<-'END'
	Subject: Other
	Date: Tue, 9 Jan 2024 00:00:00 +0000

	END
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

each_algorithm()
{
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a EXAMINE INBOX
	S.. a OK
	C: b THREAD REFERENCES UTF-8 ALL
	S= * THREAD (6)(1 (5)(4)(2 3))
	S: b OK
	C: c THREAD REFS UTF-8 ALL
	S= * THREAD (5)(6)(1 (4)(2 3))
	S: c OK
	C: d THREAD ORDEREDSUBJECT UTF-8 ALL
	S= * THREAD (5 (1)(4)(2)(3))(6)
	S: d OK
	C: e UID THREAD REFERENCES US-ASCII UID 2:4
	S= * THREAD ((4)(2 3))
	S: e OK
	C: f THREAD REFERENCES UTF-8 SUBJECT nothing
	S= * THREAD
	S: f OK
	C: g THREAD REFERENCES KLINGON ALL
	S: g NO [BADCHARSET (UTF-8 US-ASCII)]
	C: h THREAD BOGUS UTF-8 ALL
	S: h BAD
	C: i THREAD REFERENCES UTF-8
	S: i BAD
	END
}

@test "THREAD: REFERENCES, REFS, ORDEREDSUBJECT; numbers and UIDs; errors" {
	each_algorithm
}

# EXAMINE only reads the cache.
@test "THREAD: the same with what besace.cache has" {
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b THREAD REFERENCES UTF-8 ALL
	S= * THREAD (6)(1 (5)(4)(2 3))
	S: b OK
	C: c LOGOUT
	S: * BYE
	S: c OK
	END
	each_algorithm
}
