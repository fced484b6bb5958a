/* SPDX-License-Identifier: ISC */
/* Challenges and their answers, against a map written here: what a front can
 * send, also one that is in a stranger's hands. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "../check.h"
#include "lib/auth-challenge.h"
#include "lib/auth-mechanisms.h"
#include "lib/cram-md5.h"
#include "lib/map.h"
#include "lib/password.h"

static struct auth_challenge c;
static struct auth_verdict v = AUTH_VERDICT_ZERO;
static stralloc text = STRALLOC_ZERO;

static struct bytes
bytes_in(stralloc const *sa)
{
	return (struct bytes){ sa->s, sa->len };
}

/* alice has a SCRAM secret and two more words of the same salt, bob's is stored
 * as it is. */
static int
write_map(void)
{
	stralloc value = STRALLOC_ZERO, other = STRALLOC_ZERO;
	struct map_writer *w = map_write_begin("passwords.cdb");
	return w && password_hash("SCRAM-SHA-256", "main", 4, "", 0, &value) &&
	    password_hash("SCRAM-SHA-256", "phone", 5, value.s, value.len,
	        &other) &&
	    stralloc_cats(&value, "\t\t\n") && stralloc_cat(&value, &other) &&
	    stralloc_cats(&value, "\tphone\timap") &&
	    map_write_add(w, "alice", 5, value.s, value.len) &&
	    map_write_add(w, "bob", 3, "{PLAIN}word\t\t", 13) &&
	    map_write_note(w, AUTH_NOTE_SCRAM, "16384/16 4096/16", 16) &&
	    map_write_commit(w, 0640);
}

/* --- a client --------------------------------------------------------------- */

static void
hmac(unsigned char const *key, struct bytes data, unsigned char *out)
{
	HMAC(EVP_sha256(), key, SCRAM_SHA_256, (unsigned char const *)data.s,
	    data.len, out, NULL);
}

/* The proof that a client with this password makes of the challenge. */
static void
prove(char const *password, char const *without_proof,
    unsigned char proof[SCRAM_SHA_256])
{
	unsigned char salted[SCRAM_SHA_256], key[SCRAM_SHA_256];
	unsigned char stored[SCRAM_SHA_256];
	stralloc message = STRALLOC_ZERO;
	PKCS5_PBKDF2_HMAC(password, (int)strlen(password), c.salt.salt,
	    (int)c.salt.salt_len, (int)c.salt.rounds, EVP_sha256(),
	    SCRAM_SHA_256, salted);
	hmac(salted, bytes_of("Client Key"), key);
	EVP_Digest(key, sizeof key, stored, NULL, EVP_sha256(), NULL);
	stralloc_copy(&message, &c.message);
	stralloc_cats(&message, without_proof);
	hmac(stored, bytes_in(&message), proof);
	for (size_t i = 0; i < SCRAM_SHA_256; i++)
		proof[i] ^= key[i];
	stralloc_free(&message);
}

static int
begin(char const *service, char const *login)
{
	return auth_challenge_scram(&c, service, bytes_of(login),
	    bytes_of("nonce"), bytes_of("n=x,r=nonce"), &text);
}

static enum auth_result
scram(char const *service, char const *login, char const *password)
{
	unsigned char proof[SCRAM_SHA_256];
	CHECK(begin(service, login));
	CHECK(text.len > 8 && memcmp(text.s, "r=nonce", 7) == 0);
	prove(password, "c=biws,r=nonce", proof);
	return auth_answer_scram(&c, service,
	    (struct bytes){ (char const *)proof, sizeof proof },
	    bytes_of("c=biws,r=nonce"), &text, &v);
}

static void
test_scram(void)
{
	CHECK(scram("imap", "alice", "main") == AUTH_OK);
	CHECK(bytes_are(bytes_in(&v.user), "alice") && v.label.len == 0);
	CHECK(text.len == 46 && memcmp(text.s, "v=", 2) == 0);
	CHECK(scram("imap", "ALICE", "phone") == AUTH_OK);
	CHECK(bytes_are(bytes_in(&v.label), "phone"));
	CHECK(scram("smtp", "alice", "phone") == AUTH_WRONG);
	CHECK(scram("smtp", "alice", "mainx") == AUTH_WRONG);
	CHECK(scram("smtp", "bob", "word") == AUTH_OK);
	CHECK(scram("smtp", "bob", "main") == AUTH_WRONG);
	CHECK(scram("smtp", "nobody", "main") == AUTH_WRONG);
	CHECK(v.user.len == 0 && strcmp(v.reason, "unknown user") == 0);
	CHECK(scram("smtp", "", "main") == AUTH_WRONG);
	CHECK(scram("smtp", "a\nb", "main") == AUTH_WRONG);
}

/* A proof counts once, and only for the challenge it was made for. */
static void
test_replay(void)
{
	unsigned char proof[SCRAM_SHA_256];
	struct bytes given = { (char const *)proof, sizeof proof };
	CHECK(begin("imap", "alice"));
	prove("main", "c=biws,r=nonce", proof);
	CHECK(auth_answer_scram(&c, "imap", given, bytes_of("c=biws,r=nonce"),
	          &text, &v) == AUTH_OK);
	CHECK(auth_answer_scram(&c, "imap", given, bytes_of("c=biws,r=nonce"),
	          &text, &v) == AUTH_WRONG);
	CHECK(begin("imap", "alice"));
	CHECK(auth_answer_scram(&c, "imap", given, bytes_of("c=biws,r=nonce"),
	          &text, &v) == AUTH_WRONG);
	CHECK(begin("imap", "bob"));
	prove("word", "c=biws,r=nonce", proof);
	CHECK(auth_answer_scram(&c, "imap", given, bytes_of("c=other"), &text,
	          &v) == AUTH_WRONG);
	CHECK(begin("imap", "bob"));
	given.len = 5;
	CHECK(auth_answer_scram(&c, "imap", given, bytes_of(""), &text, &v) ==
	    AUTH_WRONG);
}

/* The salt of who is not there is stable, and of a kind that is there. */
static void
test_unknown(void)
{
	struct scram_secret first;
	CHECK(begin("imap", "nobody"));
	first = c.salt;
	CHECK(begin("imap", "Nobody") && scram_same_salt(&first, &c.salt));
	CHECK(first.salt_len == 16 &&
	    (first.rounds == 4096 || first.rounds == 16384));
	CHECK(begin("imap", "nobody2") && !scram_same_salt(&first, &c.salt));
	CHECK(begin("imap", "bob"));
	first = c.salt;
	CHECK(first.rounds == 4096 && begin("smtp", "bob") &&
	    scram_same_salt(&first, &c.salt));
	unlink("auth-secret");
	CHECK(begin("imap", "bob") && !scram_same_salt(&first, &c.salt));
	unlink("auth-secret");
	CHECK(mkdir("auth-secret", 0700) == 0 && !begin("imap", "alice"));
	rmdir("auth-secret");
}

static enum auth_result
cram(char const *service, char const *login, char const *password)
{
	struct cram_md5_secret secret;
	unsigned char digest[CRAM_MD5_DIGEST];
	CHECK(auth_challenge_cram_md5(&c, "mail.example", &text));
	cram_md5_derive(bytes_of(password), &secret);
	cram_md5_digest(&secret, bytes_in(&text), digest);
	struct bytes given = { (char const *)digest, sizeof digest };
	enum auth_result r =
	    auth_answer_cram_md5(&c, service, bytes_of(login), given, &v);
	CHECK(auth_answer_cram_md5(&c, service, bytes_of(login), given, &v) ==
	    AUTH_WRONG);
	return r;
}

static void
test_cram_md5(void)
{
	CHECK(cram("smtp", "bob", "word") == AUTH_OK);
	CHECK(cram("smtp", "bob", "other") == AUTH_WRONG);
	CHECK(cram("smtp", "alice", "main") == AUTH_WRONG);
	CHECK(cram("smtp", "nobody", "word") == AUTH_WRONG);
	/* one mechanism's challenge is none of the other's */
	CHECK(begin("smtp", "bob"));
	CHECK(auth_answer_cram_md5(&c, "smtp", bytes_of("bob"),
	          bytes_of("0123456789abcdef"), &v) == AUTH_WRONG);
	CHECK(strcmp(v.reason, "answer without a challenge") == 0);
	CHECK(auth_challenge_cram_md5(&c, "mail.example", &text));
	CHECK(auth_answer_cram_md5(&c, "smtp", bytes_of("bob"), bytes_of("x"),
	          &v) == AUTH_WRONG);
}

int
main(void)
{
	setenv("BESACE_ETC", ".", 1);
	setenv("BESACE_VAR", ".", 1);
	if (!write_map()) {
		perror("passwords.cdb");
		return 1;
	}
	test_scram();
	test_replay();
	test_unknown();
	test_cram_md5();
	unlink("passwords.cdb");
	CHECK(!begin("imap", "alice"));
	return check_failed;
}
