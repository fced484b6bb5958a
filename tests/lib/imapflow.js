// SPDX-License-Identifier: ISC
// A whole session with imapflow, which checks what it is answered.
//
// usage: node imapflow.js PORT USER PASSWORD CERTIFICATE
"use strict";
const assert = require("assert");
const { once } = require("events");
const fs = require("fs");
const { ImapFlow } = require("imapflow");

const [port, user, pass, certificate] = process.argv.slice(2);

async function connect() {
	const client = new ImapFlow({
		host: "localhost", port: Number(port), secure: true,
		auth: { user, pass }, tls: { ca: fs.readFileSync(certificate),
			checkServerIdentity: () => undefined },
		qresync: true, logger: false,
	});
	await client.connect();
	return client;
}

function text(subject, body) {
	return ["From: Carol <carol@elsewhere.test>", `To: <${user}>`,
		`Subject: ${subject}`, `Message-ID: <${subject}@elsewhere.test>`,
		"MIME-Version: 1.0",
		'Content-Type: multipart/mixed; boundary="b"', "",
		"--b", "Content-Type: text/plain; charset=utf-8",
		"Content-Transfer-Encoding: base64", "",
		Buffer.from(body).toString("base64"), "--b",
		"Content-Type: application/octet-stream",
		"Content-Transfer-Encoding: base64",
		'Content-Disposition: attachment; filename="f"', "",
		"AAEC", "--b--", ""].join("\r\n");
}

async function fills(client) {
	for (const name of ["IDLE", "CONDSTORE", "QRESYNC", "MOVE", "UIDPLUS"])
		assert(client.capabilities.has(name), name);
	await client.mailboxCreate("Grüße");
	const paths = (await client.list()).map(folder => folder.path);
	assert(paths.includes("Grüße") && paths.includes("INBOX"), paths);
	for (const [at, subject] of ["one", "two", "three"].entries()) {
		const added = await client.append("Grüße", text(subject, "süß " + at),
			["\\Flagged"]);
		assert.strictEqual(added.uid, at + 1);
	}
}

async function reads(client) {
	const box = await client.mailboxOpen("Grüße");
	assert.strictEqual(box.exists, 3);
	assert(box.highestModseq > 0n);
	const got = await client.fetchOne("2", { uid: true, envelope: true,
		bodyStructure: true, source: true, flags: true }, { uid: true });
	assert.strictEqual(got.envelope.subject, "two");
	assert.strictEqual(got.bodyStructure.childNodes.length, 2);
	assert.strictEqual(got.source.toString(), text("two", "süß 1"));
	assert(got.flags.has("\\Flagged"));
	const { content } = await client.download("2", "1", { uid: true });
	const pieces = [];
	for await (const piece of content)
		pieces.push(piece);
	assert.strictEqual(Buffer.concat(pieces).toString(), "süß 1");
	assert.deepStrictEqual(await client.search({ body: "süß 1" },
		{ uid: true }), [2]);
	assert.deepStrictEqual(await client.search({ subject: "three" },
		{ uid: true }), [3]);
	return { uidValidity: box.uidValidity,
		changedSince: box.highestModseq };
}

// What another does while this one idles.
async function hears(client, other) {
	const idle = client.idle();
	let event = once(client, "exists");
	await other.append("Grüße", text("news", "more"));
	assert.strictEqual((await event)[0].count, 4);
	await other.mailboxOpen("Grüße");
	event = once(client, "flags");
	await other.messageFlagsAdd("1", ["\\Seen"], { uid: true });
	const [changed] = await event;
	assert.strictEqual(changed.seq, 1);
	assert(changed.flags.has("\\Seen"));
	event = once(client, "expunge");
	const moved = await other.messageMove("2", "Trash", { uid: true });
	assert.strictEqual(moved.uidMap.get(2), 1);
	const [gone] = await event;
	assert.deepStrictEqual([gone.uid, gone.vanished], [2, true]);
	await client.noop(); // ends IDLE
	await idle;
}

// QRESYNC: what has changed since.
async function resynchronizes(client, state) {
	const vanished = [], flags = [];
	client.on("expunge", event => vanished.push(event.uid));
	client.on("flags", event => flags.push(event.uid));
	const box = await client.mailboxOpen("Grüße", state);
	assert(box.qresync);
	assert.deepStrictEqual(vanished, [2]);
	assert.deepStrictEqual(flags.sort(), [1, 4]);
	const uids = [];
	for await (const message of client.fetch("1:*", { uid: true,
		flags: true }, { uid: true, changedSince: state.changedSince }))
		uids.push(message.uid);
	assert.deepStrictEqual(uids, [1, 4]);
	await client.messageDelete("1:*", { uid: true });
	assert.strictEqual((await client.status("Grüße",
		{ messages: true })).messages, 0);
	await client.mailboxClose();
	await client.mailboxDelete("Grüße");
}

(async () => {
	const client = await connect(), other = await connect();
	await fills(client);
	const state = await reads(client);
	await hears(client, other);
	const third = await connect();
	await client.logout();
	await other.logout();
	await resynchronizes(third, state);
	await third.logout();
})().catch(error => {
	console.error(error);
	process.exit(1);
});
