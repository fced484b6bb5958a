// SPDX-License-Identifier: ISC
// What lib/thunderbird has Thunderbird do, in the program's own terms: the
// interfaces its windows use. Put before each script.
const { MailServices } = ChromeUtils.importESModule(
	"resource:///modules/MailServices.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule(
	"resource://gre/modules/Timer.sys.mjs");

// Until ready() is true; the caller's script timeout ends it else.
async function until(ready) {
	while (!ready())
		await new Promise(done => setTimeout(done, 20));
}

// The certificate is its own authority: trusted for this host and port.
function trust(port, base64) {
	const certificate = Cc["@mozilla.org/security/x509certdb;1"]
		.getService(Ci.nsIX509CertDB).constructX509FromBase64(base64);
	Cc["@mozilla.org/security/certoverride;1"]
		.getService(Ci.nsICertOverrideService)
		.rememberValidityOverride("localhost", port, {}, certificate, true);
}

function addAccount(port, user, password) {
	const server = MailServices.accounts.createIncomingServer(user,
		"localhost", "imap");
	server.port = port;
	server.socketType = Ci.nsMsgSocketType.SSL;
	server.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
	server.password = password;
	server.loginAtStartUp = false;
	server.doBiff = false; // news come by IDLE, or not at all
	const account = MailServices.accounts.createAccount();
	const identity = MailServices.accounts.createIdentity();
	identity.email = user;
	identity.fccFolderPickerMode = "0";
	account.addIdentity(identity);
	account.incomingServer = server;
}

function root() {
	return MailServices.accounts.allServers.find(s => s.type == "imap")
		.rootFolder;
}

function folder(name) {
	return root().descendants.find(f =>
		f.QueryInterface(Ci.nsIMsgImapMailFolder).onlineName == name);
}

// Asks for the account's folders until it has these.
async function discover(names) {
	root().server.performExpand(null);
	await until(() => names.every(folder));
}

// A listener for the end of a copy, and the promise of that end.
function ending() {
	const { promise, resolve, reject } = Promise.withResolvers();
	const listener = {
		QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
		onStartCopy() {}, onProgress() {}, setMessageKey() {},
		getMessageId() {},
		onStopCopy: status => Components.isSuccessCode(status) ? resolve() :
			reject(new Error("status " + status)),
	};
	return { promise, listener };
}

function messages(name) {
	return [...folder(name).messages];
}

function subjects(name) {
	return messages(name).map(m => m.mime2DecodedSubject).sort();
}

// Opens the folder, until it shows these messages.
async function open(name, wanted) {
	folder(name).updateFolder(null);
	await until(() => String(subjects(name)) == String(wanted));
}

function message(name, subject) {
	return messages(name).find(m => m.mime2DecodedSubject == subject);
}

// The text of a message as the server gives it.
async function source(name, subject) {
	const uri = folder(name).getUriForMsg(message(name, subject));
	const { promise, resolve, reject } = Promise.withResolvers();
	let text = "";
	MailServices.messageServiceFromURI(uri).streamMessage(uri, {
		QueryInterface: ChromeUtils.generateQI(["nsIStreamListener"]),
		onStartRequest() {},
		onDataAvailable(request, stream, offset, count) {
			const input = Cc["@mozilla.org/scriptableinputstream;1"]
				.createInstance(Ci.nsIScriptableInputStream);
			input.init(stream);
			text += input.readBytes(count);
		},
		onStopRequest: (request, status) =>
			Components.isSuccessCode(status) ? resolve(text) :
				reject(new Error("status " + status)),
	}, null, null, false, "", false);
	return promise;
}

async function createFolder(name) {
	root().createSubfolder(name, null);
	await until(() => folder(name));
}

async function copy(from, subject, to, move) {
	const { promise, listener } = ending();
	MailServices.copy.copyMessages(folder(from), [message(from, subject)],
		folder(to), move, listener, null, false);
	await promise;
}

async function remove(name, subject) {
	const { promise, listener } = ending();
	folder(name).deleteMessages([message(name, subject)], null, false, false,
		listener, false);
	await promise;
}

// The subjects of what the server finds: one term, of an attribute of
// Ci.nsMsgSearchAttrib.
async function search(name, attribute, text) {
	const session = Cc["@mozilla.org/messenger/searchSession;1"]
		.createInstance(Ci.nsIMsgSearchSession);
	const term = session.createTerm();
	const value = term.value;
	term.attrib = value.attrib = Ci.nsMsgSearchAttrib[attribute];
	value.str = text;
	term.value = value;
	term.op = Ci.nsMsgSearchOp.Contains;
	session.appendTerm(term);
	session.addScopeTerm(Ci.nsMsgSearchScope.onlineMail, folder(name));
	const { promise, resolve, reject } = Promise.withResolvers();
	const found = [];
	session.registerListener({
		QueryInterface: ChromeUtils.generateQI(["nsIMsgSearchNotify"]),
		onNewSearch() {},
		onSearchHit: header => found.push(header.mime2DecodedSubject),
		onSearchDone: status => Components.isSuccessCode(status) ?
			resolve(found.sort()) : reject(new Error("status " + status)),
	}, Ci.nsIMsgSearchSession.allNotifications);
	session.search(null);
	return promise;
}
