# SPDX-License-Identifier: ISC
#
# make            build the programs                   build/bin/
# make run        install what is missing, build, serve a trial instance in run/
# make test       install what is missing, build, run the tests
# make help       the rest
#
# V=1 shows the commands.

# One folder, one program; a folder of this list that lies in another is not
# part of the other's program.
FOLDERS  = smtp-session smtp-session/sendmail imap-session deliver dkimsign \
	relay relay/queue-run relay/mta-sts-fetch relay/tls-report \
	relay/tls-report-post spamscore besace
PROGRAMS = $(notdir $(FOLDERS))

# smtp-session runs these without exec: lib/builtin.h.
smtp-session_builtins = deliver dkimsign spamscore

# What each program links besides libbesace.a. Start-up is part of every
# connection, so all but the C library is linked statically; the C library too
# where it costs most, see "link" below. libcurl brings twenty libraries with
# it, and who has it is started once a day for a domain: it is not.
tls       = -l:libssl.a -l:libcrypto.a
passwords = -l:libcrypt.a -l:libargon2.a
idn     = -l:libidn2.a -l:libunistring.a
smtp-session_libs = $(tls) $(passwords) $(idn) -l:libcares.a -l:libpcre2-8.a
imap-session_libs = $(tls) $(passwords) $(idn) -l:libz.a
sendmail_libs     = $(idn)
deliver_libs      = $(idn)
dkimsign_libs     = -l:libcrypto.a $(idn)
queue-run_libs    = $(idn)
spamscore_libs    = -l:libpcre2-8.a
relay_libs        = $(tls) $(idn) -l:libcares.a
mta-sts-fetch_libs = -lcurl -lssl -lcrypto $(idn) -l:libcares.a
tls-report-post_libs = $(mta-sts-fetch_libs)
tls-report_libs   = $(idn) -l:libcares.a -l:libz.a
besace_libs       = -l:libcrypto.a $(passwords) $(idn)

# -lcdb before -lskarnet: both define cdb_init and friends, ours is tinycdb's.
common_libs = -l:libcdb.a -l:libskarnet.a

PREFIX     ?= /usr
BINDIR     ?= $(PREFIX)/lib/besace
SBINDIR    ?= $(PREFIX)/sbin
MANDIR     ?= $(PREFIX)/share/man
UNITDIR    ?= $(PREFIX)/lib/systemd/system
F2BDIR     ?= /etc/fail2ban
BASE_PORT  ?= 10000
LISTEN     ?= 127.0.0.1
RUN_DIR    ?= run
FUZZ_TIME  ?= 60

VERSION := 0.1

CC       ?= cc
Q         = $(if $(V),,@)
CPPFLAGS += -D_GNU_SOURCE -I. -Ilib -Ibuild/tables -DBESACE_VERSION='"$(VERSION)"'
WARN      = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wcast-qual \
	-Wformat=2 -Wvla -Wundef -Wconversion -Wno-sign-conversion -Werror

ifdef SANITIZE
B        ?= build/sanitize
CFLAGS   ?= -O1 -g -fno-omit-frame-pointer
HARDEN    = -fsanitize=address,undefined -fno-sanitize-recover=all
LDHARDEN  = -fsanitize=address,undefined
else
B        ?= build
CFLAGS   ?= -O2 -g
HARDEN    = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fPIE \
	-fstack-protector-strong -fstack-clash-protection
LDHARDEN  = -Wl,-z,relro,-z,now,--as-needed
LDPIE     = -pie

# How a program is linked: position independent, unless it is said here. A
# connection pays for its session's start, a message for deliver's and
# dkimsign's, a few of them for relay's: these have the C library in them, too
# (none of them may ask the name service: getpwnam, getaddrinfo). A position
# independent program puts libcrypto's 20,000 addresses right at each start, 0.35
# ms and 100 pages that it keeps: those with libcrypto in them lie at an address
# that is drawn when they are linked. LINK_ADDRESS=0x... gives one, for a
# build that can be repeated; with LINK_ADDRESS=pie it is drawn anew by each
# start.
LINK_ADDRESS ?= $$(printf 0x%x0000 $$(($$(od -An -N2 -tu2 /dev/urandom) % 24576 + 4096)))
relay_link        = -Wl,--no-warnings $(if $(filter pie,$(LINK_ADDRESS)),\
	-static-pie,-static -Wl,-Ttext-segment=$(LINK_ADDRESS))
smtp-session_link = $(relay_link) -Wl,-T,$(B)/text-order.ld
imap-session_link = $(smtp-session_link)
dkimsign_link     = $(relay_link)
deliver_link      = -Wl,--no-warnings -static-pie
queue-run_link    = $(deliver_link)
endif
ALL_CFLAGS = -std=c11 $(CFLAGS) $(HARDEN) $(WARN)

all: programs
programs: $(PROGRAMS:%=$(B)/bin/%)

# --- objects -----------------------------------------------------------------

lib_objs := $(patsubst %.c,$(B)/%.o,$(wildcard lib/*.c))

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Tables that the C library of this machine gives.
build/tables/%.h: lib/tables/%.c
	@mkdir -p $(@D)
	$(Q)cc -O1 -o $(@:.h=) $< && $(@:.h=) >$@.tmp && mv $@.tmp $@
$(B)/lib/charset-wide.o $(F)/lib/charset-wide.o: build/tables/wide-charsets.h

$(B)/libbesace.a: $(lib_objs)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# Adds to the linker's own script: what lib/text-order names lies together.
$(B)/text-order.ld: lib/text-order
	@mkdir -p $(@D)
	$(Q)awk 'function list(sections) { for (i = 1; i <= n; i++) \
	        printf "\t*%s.*o(%s)\n", file[i], sections } \
	    /^[^#]/ { for (i = 2; i <= NF; i++) file[++n] = $$1 $$i } \
	    END { print "SECTIONS { .text.first : {"; \
	        list(".text .text.[!u]*"); \
	        print "} } INSERT BEFORE .text;"; \
	        print "SECTIONS { .rodata.first : {"; \
	        list(".rodata .rodata.*"); \
	        print "} } INSERT AFTER .rodata;" }' $< >$@.tmp && mv $@.tmp $@
$(B)/bin/smtp-session $(B)/bin/imap-session: | $(B)/text-order.ld

# The C files of folder $(1), and of the programs that it has in itself.
sources_of = $(filter-out $(patsubst %,%/%.c,$(filter $(1)/%,$(FOLDERS))),\
	$(wildcard $(1)/*.c $(1)/*/*.c)) $(foreach f,$($(1)_builtins),\
	$(filter-out $(f)/main.c,$(wildcard $(f)/*.c)))
# Its main is in a file of its own where another has it in itself.
main_of = $(or $(wildcard $(1)/main.c),$(1)/$(notdir $(1)).c)

# $(1): the folder, $(2): its last part, the program's name.
define program
$(2)_objs := $$(patsubst %.c,$$(B)/%.o,$$(call sources_of,$(1)))
$$(B)/bin/$(2): $$($(2)_objs) $$(B)/libbesace.a
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(LDHARDEN) $$(or $$($(2)_link),$$(LDPIE)) \
	    -o $$@ $$^ $$($(2)_libs) $$(common_libs)
$(2): $$(B)/bin/$(2)
# Unit tests of a program see all of it but its main.
$$(B)/test/$(2)/%: $$(B)/tests/unit/$(2)/%.o \
    $$(filter-out $(patsubst %.c,$$(B)/%.o,$(call main_of,$(1))),$$($(2)_objs)) $$(B)/libbesace.a
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(LDHARDEN) $$(LDPIE) -o $$@ $$^ \
	    $$($(2)_libs) $$(common_libs)
$$(F)/bin/$(2)/%: $$(F)/tests/fuzz/$(2)/%.o \
    $$(patsubst %.c,$$(F)/%.o,$$(filter-out $(call main_of,$(1)),\
	$$(call sources_of,$(1)))) $$(F)/libbesace.a
	@mkdir -p $$(@D)
	$$(Q)$$(FUZZ_CC) -fsanitize=fuzzer -o $$@ $$^ $$($(2)_libs) \
	    $$(fuzz_libs) $$(common_libs)
endef

# Fuzz targets have their own object tree, made by clang.
F = build/fuzz
FUZZ_CC = clang -std=c11 -g -O1 -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
fuzz_libs = $(tls) $(passwords) $(idn) -l:libcares.a -l:libpcre2-8.a -l:libz.a
$(F)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(CPPFLAGS) -MMD -MP -c -o $@ $<
$(F)/libbesace.a: $(patsubst %.c,$(F)/%.o,$(wildcard lib/*.c))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(foreach f,$(FOLDERS),$(eval $(call program,$(f),$(notdir $(f)))))

$(B)/test/lib/%: $(B)/tests/unit/lib/%.o $(B)/libbesace.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDPIE) -o $@ $^ $(tls) \
	    $(passwords) $(idn) -l:libcares.a $(common_libs)
$(F)/bin/lib/%: $(F)/tests/fuzz/lib/%.o $(F)/libbesace.a
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer -o $@ $^ $(fuzz_libs) $(common_libs)

unit_tests := $(patsubst tests/unit/%.c,$(B)/test/%,$(wildcard tests/unit/*/*.c))
fuzzers    := $(patsubst tests/fuzz/%.c,$(F)/bin/%,$(wildcard tests/fuzz/*/*.c))
unit-tests: $(unit_tests)
fuzzers: $(fuzzers)

# Programs in a world where nothing moves, for the tests of unique names.
define still
$$(B)/still/$(1): $$($(1)_objs) $$(B)/tests/lib/still-world.o $$(B)/libbesace.a
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(LDHARDEN) $$(LDPIE) -o $$@ $$^ \
	    $$($(1)_libs) $$(common_libs)
endef
$(eval $(call still,deliver))
$(eval $(call still,imap-session))
# Runs a program and breaks one of its system calls.
$(B)/still/syscall-fault: $(B)/tests/lib/syscall-fault.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(LDPIE) -o $@ $^
still-programs: $(B)/still/deliver $(B)/still/imap-session $(B)/still/syscall-fault

# What the benchmarks measure with.
$(B)/bench/%: $(B)/tests/bench/%.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDHARDEN) $(if $(findstring floor,$*),-static,\
	    $(LDPIE)) -o $@ $^ $(if $(findstring floor,$*),,-lssl -lcrypto)
bench-programs: $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))

-include $(shell find $(B) $(F) -type f -name '*.d' 2>/dev/null)
.SECONDARY:

# --- use ---------------------------------------------------------------------

run:
	@.ci/install-packages build run
	@$(MAKE) --no-print-directory -s programs
	@test -e $(RUN_DIR)/etc/settings || $(B)/bin/besace init $(RUN_DIR)
	@exec $(B)/bin/besace serve $(RUN_DIR) --base-port $(BASE_PORT) \
	    --listen $(LISTEN)

test:
	@.ci/install-packages build run test
	@$(MAKE) --no-print-directory -s programs unit-tests \
	    still-programs
	@BESACE_BIN=$(abspath $(B)/bin) BESACE_TEST_BIN=$(abspath $(B)/test) \
	    tests/run

test-peers:
	@.ci/install-packages build run test peers
	@.ci/unpack-packages unpack $(B)/peers
	@$(MAKE) --no-print-directory -s programs
	@BESACE_BIN=$(abspath $(B)/bin) BESACE_PEERS=$(abspath $(B)/peers) \
	    tests/run --peers

test-sanitize:
	@.ci/install-packages build run test
	@$(MAKE) --no-print-directory -s SANITIZE=1 programs \
	    unit-tests still-programs
	@ASAN_OPTIONS=detect_leaks=0 BESACE_BIN=$(abspath build/sanitize/bin) \
	    BESACE_TEST_BIN=$(abspath build/sanitize/test) tests/run

fuzz:
	@.ci/install-packages build run test fuzz
	@$(MAKE) --no-print-directory -s fuzzers
	@BESACE_FUZZ_BIN=$(abspath $(F)/bin) tests/fuzz/run $(FUZZ_TIME)

stress: programs still-programs
	@.ci/install-packages build run test
	@BESACE_BIN=$(abspath $(B)/bin) tests/stress/run

bench:
	@.ci/install-packages build run test bench
	@$(MAKE) --no-print-directory -s programs bench-programs
	@BESACE_BIN=$(abspath $(B)/bin) BESACE_BENCH_BIN=$(abspath $(B)/bench) \
	    tests/bench/run

sources = $(wildcard lib/*.[ch] tests/lib/*.c tests/unit/*.h tests/unit/*/*.c tests/fuzz/*/*.c \
	tests/bench/*.c $(sort $(wildcard $(FOLDERS:%=%/*.[ch]) $(FOLDERS:%=%/*/*.[ch]))))
check-format:
	@.ci/install-packages lint
	@clang-format --dry-run --Werror $(sources)

tidy:
	@.ci/install-packages build lint
	@clang-tidy --quiet $(filter-out tests/%,$(filter %.c,$(sources))) -- \
	    -std=c11 $(CPPFLAGS)

man_pages = $(wildcard $(FOLDERS:%=%/*.[1-8]))
check-man:
	@.ci/install-packages test
	mandoc -Tlint -Wwarning $(man_pages)

install: programs
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(SBINDIR) $(DESTDIR)$(UNITDIR) \
	    $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	install -m 755 $(PROGRAMS:%=$(B)/bin/%) $(DESTDIR)$(BINDIR)
	ln -sf $(BINDIR)/besace $(DESTDIR)$(SBINDIR)/besace
	install -m 644 units/*.socket units/*.service \
	    units/*.path units/*.timer $(DESTDIR)$(UNITDIR)
	install -m 644 units/besace.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/besace.conf
	install -m 644 units/besace.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/besace.conf
	install -d $(DESTDIR)$(F2BDIR)/filter.d $(DESTDIR)$(F2BDIR)/jail.d
	install -m 644 units/fail2ban/filter.d/* $(DESTDIR)$(F2BDIR)/filter.d
	install -m 644 units/fail2ban/jail.d/* $(DESTDIR)$(F2BDIR)/jail.d
	for m in $(man_pages); do \
	    install -D -m 644 $$m $(DESTDIR)$(MANDIR)/man$${m##*.}/$${m##*/}; done

clean:
	rm -rf build

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile
	@echo 'make test-peers     tests against other servers (dovecot, postfix, ...)'
	@echo 'make test-sanitize  the tests on the ASan/UBSan build'
	@echo 'make fuzz           each fuzz target for FUZZ_TIME seconds'
	@echo 'make stress         every system call broken, power cuts, crowds of clients'
	@echo 'make bench          speed and memory beside the peers (BENCH_FULL=1: all)'
	@echo 'make check-format tidy check-man install clean'
	@echo 'Variables: BASE_PORT LISTEN RUN_DIR (run), SANITIZE=1, V=1, DESTDIR'

.PHONY: all programs unit-tests still-programs fuzzers bench-programs run test test-peers \
	test-sanitize fuzz stress bench check-format tidy check-man install \
	clean help $(PROGRAMS)
