/* SPDX-License-Identifier: ISC */
/* Hashes made by Dovecot 2.3 ("doveadm pw") of one password, and damage done
 * to each of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "password.h"

static char const password[] = "correct horse";

static char const *const hashes[] = {
	"{SHA512-CRYPT}$6$EKv2ENABXfZ9EKDF$EPZ6rEKeeFzitBdHTwhDiwDp"
	"w7XmXk/jDCJrz6JDuHSavcpwdiGgfrAYx8HBvxlEKZp2YM4LcjRwOPvGGX"
	"d9j/",
	"{SHA256-CRYPT}$5$6Zjso3j3afhQ4IJ1$1zvS3fU0d510fslNdx5ot6I7"
	"caN6UAOpQPA1ub3IPd0",
	"{BLF-CRYPT}$2y$05$sm8KZYx4FWw5BvY.6tSq1.XBSUG3DJyQRyfbmJm2"
	"zqFCsCzAbKuMm",
	"{MD5-CRYPT}$1$qM6UAE4Y$ZeoGYxCI9HAXkiBQZU70P1",
	"{SSHA512}bedOc1VMEMy4onZ7KJMNXotVDSuRUmRuaRDTRRup0TmyMtDrH"
	"Sa/Gb4xWQoyVnTMB6IyJzgpdu/r7Ud9KLydhyRy8MM=",
	"{SSHA256}4ZonPAPxc779lWnJXPrXeccUPS0G9OSbUm9k/NjyH3Nggzry",
	"{SSHA}eZK0Y/7sJiP9f8ycQA13LnY/CwZ0pR07",
	"{SMD5}5g28LNLMvgcfNUBPv+NwKs0GF4o=",
	"{SHA512}VraY3v7bWkNbY0r+MyC7rz/c2SC2xQOkRvx7endrKY1HnRumqL"
	"YXgI6wv1ec6aldZoNHvKtxSQhayTyyeZUZew==",
	"{SHA256}QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=",
	"{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=",
	"{SHA1}L55TUjtiq8FBorTWAZ0jy6g129A=",
	"{PLAIN-MD5}3cb4e732631f47e6eb961f34554b7cde",
	"{LDAP-MD5}PLTnMmMfR+brlh80VUt83g==",
	"{SCRAM-SHA-256}4096,HEpmxVOZutEYMaIM9y3dFg==,vHtzaRelF1LJw"
	"NoZX2d3cItI9p+TwEeXytBhrxJyDkw=,+LDtN+IpMHfDN3q7JjE7xjgpfm"
	"JX5hXX8vEJQ5e9PPM=",
	"{SCRAM-SHA-1}4096,8ELr0DgNhhv6k/W+VF6vWQ==,HJdWAiayt1UnzEi"
	"xdtNDmS/c8zQ=,UkjJxovc1IBQAdsdqqqrWZVsIVI=",
	"{CRAM-MD5}38b57fd1a0c4b46c814aa05f20318edd71c455380655f2c0"
	"ac35c5b359528d29",
	"{PLAIN}correct horse",
	"{SHA256.HEX}4104d36f8da2c254349f85836793ebe029e0c957063a34"
	"c91c2e9203187b5631",
	"{DES-CRYPT}sfmIEvBEg.gE2",
	"{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$RrWL3Z9iCJQP5c8JHbzBLQ$"
	"Q5LfqRfoZfZHDc81THtyVsTg7Ee/gWlEs9qvqC5Q9WU",
	"{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$xQ2ane7kVLyAoJGbbEviAw$"
	"4qob71juXtQbp509vTalanZWsMmXdZ7fieP4Puu0y04",
};

static char const *const unusable[] = {
	"",
	"{",
	"{}",
	"{SHA512-CRYPT",
	"{SHA512-CRYPT}",
	"{SHA512-CRYPT}$5$6Zjso3j3afhQ4IJ1$1zvS3fU0d510fslNdx5ot6I7caN6UA",
	"{CRYPT}$6$EKv2ENABXfZ9EKDF$short",
	"{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA",
	/* more memory than a login may take */
	"{ARGON2ID}$argon2id$v=19$m=4294967,t=3,p=1$RrWL3Z9iCJQP5c8JHbzBLQ$"
	"Q5LfqRfoZfZHDc81THtyVsTg7Ee/gWlEs9qvqC5Q9WU",
	"{ARGON2I}$argon2id$v=19$m=65536,t=3,p=1$RrWL3Z9iCJQP5c8JHbzBLQ$"
	"Q5LfqRfoZfZHDc81THtyVsTg7Ee/gWlEs9qvqC5Q9WU",
	"{SSHA.HEX}L55TUjtiq8FBorTWAZ0jy6g129A=",
	"{SHA256.ROT13}QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=",
	"{PLAIN}",
	"{SHA}L55TUjtiq8FBorTWAZ0jy6g129",
	"{SSHA}L55TUjtiq8FBorTWAZ0jy6g129A=",
	"{CRAM-MD5}38b57fd1a0c4b46c814aa05f20318edd",
	"{SCRAM-SHA-256}0,HEpmxVOZutEYMaIM9y3dFg==,vHtzaRelF1LJwNoZX2d3cItI9p+"
	"TwEeXytBhrxJyDkw=,+LDt",
	"{SCRAM-SHA-256}4096,HEpmxVOZutEYMaIM9y3dFg==",
	"!",
	"*",
	"x",
};

static int failures;

static void
expect(int wanted, int got, char const *what, char const *which)
{
	if (wanted == got)
		return;
	printf("%s: %s: wanted %d, got %d\n", which, what, wanted, got);
	failures++;
}

static int
verify(char const *stored, char const *given)
{
	return password_verify(stored, strlen(stored), given, strlen(given));
}

static void
test_known(char const *stored)
{
	char const *why;
	expect(1, password_usable(stored, strlen(stored), &why), "usable",
	    stored);
	expect(1, verify(stored, password), "right password", stored);
	expect(0, verify(stored, "Correct horse"), "wrong password", stored);
	expect(0, verify(stored, ""), "empty password", stored);
	expect(0, password_verify(stored, strlen(stored), password, 14),
	    "password with a NUL", stored);
	if (!strstr(stored, "DES-CRYPT"))
		expect(0, verify(stored, "correct horse "), "longer password",
		    stored);
}

/* One hash character changed is another password. */
static void
test_damage(char const *stored)
{
	char *copy = strdup(stored);
	size_t at = (size_t)(strchr(stored, '}') - stored) + 9;
	copy[at] = copy[at] == 'a' ? 'b' : 'a';
	expect(0, verify(copy, password), "damaged hash", copy);
	free(copy);
}

static int
make(char const *scheme, char const *given, size_t len, stralloc *stored)
{
	return password_hash(scheme, given, len, "", 0, stored);
}

/* Each scheme that can be made verifies what it made. */
static void
test_schemes(void)
{
	static char const *const names[] = { "CRYPT", "SHA512-CRYPT",
		"SHA256-CRYPT", "BLF-CRYPT", "ARGON2ID", "ARGON2I", "PLAIN",
		"CRAM-MD5", "SCRAM-SHA-256", "SCRAM-SHA-1" };
	stralloc made = STRALLOC_ZERO;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		expect(1, make(names[i], password, 13, &made), "make",
		    names[i]);
		expect(1, password_verify(made.s, made.len, password, 13),
		    "verify", names[i]);
		expect(0, password_verify(made.s, made.len, password, 12),
		    "verify another", names[i]);
	}
	expect(0, make("SSHA", password, 13, &made), "make", "SSHA");
	expect(0, make("NONSENSE", password, 13, &made), "make", "NONSENSE");
	stralloc_free(&made);
}

/* Several passwords of one login share what SCRAM shows of them. */
static void
test_like(void)
{
	stralloc one = STRALLOC_ZERO, two = STRALLOC_ZERO;
	struct scram_secret a, b;
	make("SCRAM-SHA-256", password, 13, &one);
	expect(1,
	    password_hash("scram-sha-256", "other", 5, one.s, one.len, &two),
	    "like another", "SCRAM");
	expect(1, password_scram(one.s, one.len, &a), "parse", "SCRAM");
	expect(1, password_scram(two.s, two.len, &b), "parse", "SCRAM");
	expect(1, scram_same_salt(&a, &b), "same salt", "SCRAM");
	expect(1, password_verify(two.s, two.len, "other", 5), "verify",
	    "SCRAM");
	stralloc_free(&one);
	stralloc_free(&two);
}

static void
test_new(void)
{
	stralloc one = STRALLOC_ZERO, two = STRALLOC_ZERO, word = STRALLOC_ZERO;
	expect(1, make("CRYPT", password, 13, &one), "hash", "new");
	expect(1, make("CRYPT", password, 13, &two), "hash", "new");
	expect(1, password_verify(one.s, one.len, password, 13), "verify",
	    "new");
	expect(0, one.len == two.len && !memcmp(one.s, two.s, one.len),
	    "same salt twice", "new");
	expect(1, one.len > 11 && !memcmp(one.s, "{CRYPT}$y$", 10),
	    "yescrypt in Dovecot's words", "new");
	expect(0, make("CRYPT", "", 0, &one), "empty", "new");
	expect(0, make("CRYPT", "a\0b", 3, &one), "with NUL", "new");
	char long_one[PASSWORD_STORE_MAX + 1];
	memset(long_one, 'x', sizeof long_one);
	expect(1, make("CRYPT", long_one, PASSWORD_STORE_MAX, &one), "longest",
	    "new");
	expect(1, password_verify(one.s, one.len, long_one, PASSWORD_STORE_MAX),
	    "verify longest", "new");
	expect(0, make("CRYPT", long_one, sizeof long_one, &one), "too long",
	    "new");
	expect(1, password_random(20, &word), "random", "new");
	expect(20, (int)word.len, "random length", "new");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
		test_known(hashes[i]);
		test_damage(hashes[i]);
	}
	for (size_t i = 0; i < sizeof unusable / sizeof *unusable; i++) {
		char const *why;
		expect(0,
		    password_usable(unusable[i], strlen(unusable[i]), &why),
		    "usable", unusable[i]);
		expect(0, verify(unusable[i], ""), "verify", unusable[i]);
		expect(0, verify(unusable[i], unusable[i]), "verify itself",
		    unusable[i]);
	}
	/* A key longer than MD5's block is hashed first (RFC 2104). */
	expect(1,
	    verify("{CRAM-MD5}8103bb3a2a4b96a9ca9cce4efecc8d22"
	           "ebe7163dff7401afb5aa16d4edcf9f1f",
	        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
	    "long key", "CRAM-MD5");
	test_new();
	test_schemes();
	test_like();
	return failures != 0;
}
