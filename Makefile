# The only makefile. `make help` lists what it does.
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
SHELL     := /bin/bash
.DEFAULT_GOAL := all
# One short line a step; make V=1 shows the commands.
ifndef V
Q = @printf '  %-5s %s\n' $(1) $@;
endif

MODE    ?= release
BUILD   ?= build/$(MODE)
B       := $(BUILD)
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
CLANG   ?= clang
DESTDIR ?=
PREFIX  ?= /usr

ROOMS := base scanner policies signing reports gate
SRC   := $(sort $(shell find $(ROOMS) -name '*.c' -not -path '*/tool/*'))
HDR   := $(sort $(shell find $(ROOMS) tests -name '*.h'))
OBJ   := $(SRC:%.c=$(B)/%.o)
UNIT  := $(sort $(basename $(notdir $(wildcard tests/unit/*.c))))
FUZZ  := $(sort $(patsubst tests/fuzz/fuzz_%.c,%,$(filter-out tests/fuzz/fuzz_format.c,$(wildcard tests/fuzz/fuzz_*.c))))
FORMATS := $(sort $(patsubst scanner/formats/format_%.c,%,$(wildcard scanner/formats/format_*.c)))
FUZZ_ALL := $(FUZZ) $(addprefix format_,$(FORMATS))
BENCH := $(sort $(patsubst tests/bench/bench_%.c,%,$(wildcard tests/bench/bench_*.c)))
RULES := $(sort $(shell find rules -type f -name '*.yaml' 2>/dev/null))
comma := ,

CPPFLAGS := -I. -I$(B)/gen -D_GNU_SOURCE
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
        -Wwrite-strings -Wcast-qual -Wpointer-arith -Wformat=2 -Wvla -Wundef -Werror
CFLAGS  := -std=c11 -g $(WARN) -fno-strict-aliasing -fstack-protector-strong -fPIE
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack
# Linked as archives, since loading a shared library takes longer than a small model: above all libarchive, of which the shared one draws in XML, ICU
# and C++ that nobody here uses. OpenSSL stays shared: its fixes and its providers are the distribution's.
ARCHIVE := -l:libarchive.a -l:liblzma.so.5 -l:libbz2.so.1.0 -l:libz.so.1 -l:liblz4.so.1
LIBS    := -l:libhs_runtime.a -l:libyaml.a $(ARCHIVE) -l:libzstd.a -lisal -l:libseccomp.a -lcrypto -lm -lpthread

CFLAGS_release  := -O2 -D_FORTIFY_SOURCE=2
CFLAGS_debug    := -O0
CFLAGS_asan     := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LDFLAGS_asan    := -fsanitize=address,undefined
CFLAGS_fuzz     := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_fuzz    := -fsanitize=address,undefined
CFLAGS_coverage := -O0 --coverage
LDFLAGS_coverage := --coverage
ifeq ($(MODE),fuzz)
CC := $(CLANG)
endif
ALL_CFLAGS  = $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(MODE))
ALL_LDFLAGS = $(LDFLAGS) $(LDFLAGS_$(MODE))

# A room is one archive; a test links the rooms at or below its own.
AR_OF = $(foreach r,$(1),$(B)/lib/$(r).a)
LINKS_base     := base
LINKS_scanner  := scanner base
LINKS_policies := policies scanner base
LINKS_signing  := signing base
LINKS_reports  := reports signing policies scanner base
LINKS_gate     := gate reports signing policies scanner base
links = $(call AR_OF,$(LINKS_$(firstword $(subst _, ,$(1)))))

.PHONY: all
all: $(B)/sallyport ## build the program: build/release/sallyport

$(OBJ): $(B)/%.o: %.c Makefile | $(B)/.deps
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The pattern database of the secrets search, compiled at build time by a program of the host (scanner/image/detectors.h).
DETECTORS := rules/detectors/secrets.yaml rules/detectors/paths.yaml
$(B)/tool/secrets_build: scanner/image/tool/secrets_build.c Makefile
	@mkdir -p $(@D) $(B)/gen
	$(call Q,HOST)$(CC) $(CPPFLAGS) $(CFLAGS) -O1 -o $@ $< -lyaml -lhs
$(B)/gen/detectors.c: $(B)/tool/secrets_build $(DETECTORS)
	$(call Q,GEN)$(B)/tool/secrets_build $(DETECTORS) $(B)/gen
$(B)/gen/detectors.o: $(B)/gen/detectors.c scanner/image/detectors.h
	$(call Q,CC)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(B)/gen/detectors_db.o: $(B)/gen/detectors.c
	$(call Q,AS)$(CC) -c -o $@ $(B)/gen/detectors_db.S
$(B)/lib/scanner.a: $(B)/gen/detectors.o $(B)/gen/detectors_db.o

# The table of actions of AWS, from its text (policies/iam/aws/tool/actions.py made that from public data).
$(B)/tool/actions_build: policies/iam/aws/tool/actions_build.c policies/iam/aws/iam_table.h Makefile
	@mkdir -p $(@D) $(B)/gen
	$(call Q,HOST)$(CC) -I. -D_GNU_SOURCE -std=c11 -O1 -g -Wall -Wextra -o $@ $<
$(B)/gen/iam_table.c: policies/iam/aws/data/actions.txt $(B)/tool/actions_build
	@mkdir -p $(@D)
	$(call Q,GEN)$(B)/tool/actions_build $< $@
$(B)/gen/iam_table.o: $(B)/gen/iam_table.c policies/iam/aws/iam_table.h
	$(call Q,CC)$(CC) -I. $(CFLAGS_$(MODE)) -std=c11 -fPIE -c -o $@ $<
$(B)/lib/policies.a: $(B)/gen/iam_table.o

# The managed policies of AWS, compressed (policies/iam/aws/iam_managed.h).
MANAGED := policies/iam/aws/data/managed_policies.txt
$(B)/tool/managed_build: policies/iam/aws/tool/managed_build.c $(call AR_OF,base) Makefile
	@mkdir -p $(@D)
	$(call Q,HOST)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(filter %.a,$^) -l:libzstd.a -lcrypto
$(B)/gen/managed_policies.c: $(B)/tool/managed_build $(MANAGED)
	@mkdir -p $(@D)
	$(call Q,GEN)$(B)/tool/managed_build $(@D) $(MANAGED)
$(B)/gen/managed_policies.o: $(B)/gen/managed_policies.c policies/iam/aws/iam_managed_table.h
	$(call Q,CC)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(B)/gen/managed_policies_data.o: $(B)/gen/managed_policies.c
	$(call Q,AS)$(CC) -c -o $@ $(B)/gen/managed_policies.S
$(B)/lib/policies.a: $(B)/gen/managed_policies.o $(B)/gen/managed_policies_data.o

$(foreach r,$(ROOMS),$(eval $(B)/lib/$(r).a: $(filter $(B)/$(r)/%,$(filter-out $(B)/gate/main.o,$(OBJ)))))
$(B)/lib/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(call Q,AR)ar rcs $@ $^

$(B)/sallyport: $(B)/gate/main.o $(call AR_OF,$(LINKS_gate)) $(B)/gen/rules.o
	$(call Q,LINK)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) $(B)/gen/rules.o -Wl,--end-group $(LIBS)

# The rule packs, byte for byte and as values, with a table of their names (policies/builtin.h).
$(B)/tool/rules_build: policies/tool/rules_build.c $(call AR_OF,policies scanner base) Makefile
	@mkdir -p $(@D)
	$(call Q,HOST)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS)
$(B)/gen/rules/rules.S: $(RULES) $(B)/tool/rules_build
	@mkdir -p $(@D)
	$(call Q,GEN)$(B)/tool/rules_build $(@D) $(RULES)
$(B)/gen/rules.o: $(B)/gen/rules/rules.S
	$(call Q,AS)$(CC) -c -o $@ $<

# ---- tests ----------------------------------------------------------------------------------------
TEST_CFLAGS = $(ALL_CFLAGS) -Wno-missing-prototypes -Wno-cast-qual -Wno-overlength-strings
$(UNIT:%=$(B)/unit/%.o): $(B)/unit/%.o: tests/unit/%.c Makefile | $(B)/.deps
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(TEST_CFLAGS) -DTEST_BUILD='"$(B)"' -MMD -MP -c -o $@ $<
define unit_link
$(B)/unit/$(1): $(B)/unit/$(1).o $(call links,$(1)) $(if $(filter policies reports gate,$(firstword $(subst _, ,$(1)))),$(B)/gen/rules.o)
	$$(call Q,LINK)$(CC) $$(ALL_LDFLAGS) -o $$@ $$< -Wl,--start-group $$(filter %.a %rules.o,$$^) -Wl,--end-group $(LIBS) -ljansson -lcriterion
endef
$(foreach u,$(UNIT),$(eval $(call unit_link,$(u))))

# A worker with evil jobs, which the tests of scanner/worker start.
$(patsubst %,$(B)/unit/%,$(filter scanner_worker%,$(UNIT))): | $(B)/tests/worker_peer
$(B)/tests/worker_peer.o: tests/lib/worker_peer.c Makefile | $(B)/.deps
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/tests/worker_peer: $(B)/tests/worker_peer.o $(call AR_OF,scanner base)
	$(call Q,LINK)$(CC) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS)

define fuzz_rules
$(B)/fuzz/$(1).o: $(2) Makefile | $(B)/.deps
	@mkdir -p $$(@D)
	$$(call Q,CC)$(CC) $$(TEST_CFLAGS) $(3) -MMD -MP -c -o $$@ $$<
$(B)/replay/$(1): $(B)/fuzz/$(1).o $(B)/fuzz/replay.o $(call AR_OF,$(LINKS_reports)) $(B)/gen/rules.o
	@mkdir -p $$(@D)
	$$(call Q,LINK)$(CC) $$(ALL_LDFLAGS) -o $$@ $$< $(B)/fuzz/replay.o -Wl,--start-group $$(filter %.a,$$^) $(B)/gen/rules.o -Wl,--end-group $(LIBS)
$(B)/fuzz/$(1): $(B)/fuzz/$(1).o $(call AR_OF,$(LINKS_reports)) $(B)/gen/rules.o
	$$(call Q,LINK)$(CC) $$(ALL_LDFLAGS) -fsanitize=fuzzer -o $$@ $$< -Wl,--start-group $$(filter %.a,$$^) $(B)/gen/rules.o -Wl,--end-group $(LIBS)
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_rules,$(f),tests/fuzz/fuzz_$(f).c,)))
$(foreach f,$(FORMATS),$(eval $(call fuzz_rules,format_$(f),tests/fuzz/fuzz_format.c,-DFUZZ_FORMAT=$(f))))
$(B)/fuzz/replay.o: tests/fuzz/replay.c Makefile
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/.deps:
	@mkdir -p $(B) && touch $@

# What interop, conformance and bench run is linked here, too, so that it cannot rot.
CONFORMANCE := $(addprefix $(B)/conformance/,cel json_accept model_cuts iam_decide iam_names iam_each iam_wider)
PEERS := $(B)/tests/formats_cli $(B)/tests/zip_peer $(BENCH:%=$(B)/bench/%) $(CONFORMANCE)
$(B)/tests.stamp: $(UNIT:%=$(B)/unit/%) $(FUZZ_ALL:%=$(B)/replay/%) $(PEERS) $(B)/sallyport
	@touch $@

.PHONY: test unit cli replay
test: deps ## build and run every test: unit, command line, fixtures, fuzz corpus
	@$(MAKE) --no-print-directory -j$$(nproc) $(B)/tests.stamp
	@BUILD=$(B) bash tests/run.sh unit replay cli
unit: $(UNIT:%=$(B)/unit/%) ## the unit tests alone
	@BUILD=$(B) bash tests/run.sh unit
replay: $(FUZZ_ALL:%=$(B)/replay/%) ## every fuzz target over its fixtures
	@BUILD=$(B) bash tests/run.sh replay
cli: $(B)/sallyport ## the command-line cases
	@BUILD=$(B) bash tests/run.sh cli

.PHONY: asan debug coverage
asan: ## the same tests under AddressSanitizer and UBSan: make asan
	@$(MAKE) --no-print-directory MODE=asan test
debug: ; @$(MAKE) --no-print-directory MODE=debug all
coverage: ## line coverage of the unit tests, into build/coverage/
	@$(MAKE) --no-print-directory MODE=coverage -j$$(nproc) build/coverage/tests.stamp
	@BUILD=build/coverage bash tests/run.sh unit replay
	@bash tests/lib/coverage.sh build/coverage

# ---- fuzzing: SECONDS_EACH=600 make fuzz, or one target: make fuzz ONLY=json
SECONDS_EACH ?= 600
ONLY ?= $(FUZZ_ALL)
.PHONY: fuzz fuzz-smoke fuzz-build
fuzz-build:
	@$(MAKE) --no-print-directory MODE=fuzz -j$$(nproc) $(addprefix build/fuzz/fuzz/,$(ONLY))
fuzz: deps fuzz-build ## every fuzz target for SECONDS_EACH=600 seconds (needs clang)
	@bash tests/fuzz/run.sh $(SECONDS_EACH) $(ONLY)
fuzz-smoke: ## every fuzz target for 20 seconds
	@$(MAKE) --no-print-directory fuzz SECONDS_EACH=20

# ---- demo, benchmarks, interop ---------------------------------------------------------------------
.PHONY: demo bench interop conformance made
demo: deps ## build, then watch the gate deny, allow, and a deploy stage verify
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@bash fixtures/demo/run.sh $(B)/sallyport
# programs of one source, compiled and linked in one step
PEER_CFLAGS = $(TEST_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -MF $@.d
$(BENCH:%=$(B)/bench/%): $(B)/bench/%: tests/bench/bench_%.c $(call AR_OF,$(LINKS_reports)) $(B)/gen/rules.o
	@mkdir -p $(@D)
	$(call Q,LINK)$(CC) $(PEER_CFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) $(B)/gen/rules.o -Wl,--end-group $(LIBS) -ljansson
bench: deps ## ratios against reference tools on the same input
	@$(MAKE) --no-print-directory -j$$(nproc) all $(BENCH:%=$(B)/bench/%) $(B)/conformance/iam_decide
	@BUILD=$(B) bash tests/bench/run.sh $(BENCH)
$(B)/tests/formats_cli: tests/lib/formats_cli.c $(call AR_OF,scanner base)
	@mkdir -p $(@D)
	$(call Q,LINK)$(CC) $(PEER_CFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS)
# its zip reader, which the program does not have, wants the ciphers of the shared library
$(B)/tests/zip_peer: tests/lib/zip_peer.c $(call AR_OF,scanner base)
	@mkdir -p $(@D)
	$(call Q,LINK)$(CC) $(PEER_CFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(filter-out -l:libarchive.a,$(LIBS)) -larchive

interop: all $(B)/tests/formats_cli $(B)/tests/zip_peer $(B)/conformance/iam_decide ## other tools read what we write and the other way round
	@BUILD=$(B) bash tests/run.sh interop
$(B)/conformance/cel: tests/lib/cel_conformance.c $(call AR_OF,$(LINKS_policies))
$(B)/conformance/model_cuts: tests/lib/model_cuts.c $(call AR_OF,scanner base)
$(B)/conformance/iam_names: tests/lib/iam_names.c $(call AR_OF,$(LINKS_policies))
$(B)/conformance/iam_each: tests/lib/iam_each.c $(call AR_OF,$(LINKS_policies))
$(B)/conformance/iam_decide: tests/lib/iam_decide.c $(call AR_OF,$(LINKS_policies))
$(B)/conformance/iam_wider: tests/lib/iam_wider.c $(call AR_OF,$(LINKS_policies))
$(B)/conformance/json_accept: tests/lib/json_accept.c $(call AR_OF,$(LINKS_base))
$(B)/conformance/%:
	@mkdir -p $(@D)
	$(call Q,LINK)$(CC) $(PEER_CFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS)
CORPUS ?=
conformance: deps ## public corpora, when CORPUS=DIR holds them
	@$(MAKE) --no-print-directory -j$$(nproc) all $(CONFORMANCE)
	@BUILD=$(B) bash tests/interop/conformance.sh "$(CORPUS)"
OUT ?=
made: ## models made with the frameworks that PYTHON has, into OUT, for conformance
	@$(or $(PYTHON),python3) tests/interop/make_models.py "$(OUT)" $(FAMILIES)

# ---- lint ------------------------------------------------------------------------------------------
# Stamps: what is unchanged is not looked at again. An object is remade when a header of its source
# changes, and so are the stamps behind it.
HDR_OK := $(HDR:%=$(B)/lint/%.ok)
TIDY   := $(SRC:%=$(B)/lint/%.tidy)
CLANGS := $(SRC:%=$(B)/lint/%.clang)
STYLED := $(SRC) $(HDR) $(sort $(shell find tests scanner/image/tool -name '*.c'))
$(HDR_OK): $(B)/lint/%.ok: % $(HDR)
	@mkdir -p $(@D)
	@printf '#include "%s"\nextern int header_stands_alone;\n' $< | $(CC) $(CPPFLAGS) $(CFLAGS) -DTEST_BUILD='"$(B)"' -fsyntax-only -x c - && touch $@
$(TIDY): $(B)/lint/%.c.tidy: %.c $(B)/%.o .clang-tidy
	@mkdir -p $(@D)
	$(call Q,TIDY)clang-tidy --quiet $< -- $(CPPFLAGS) -std=c11 2>/dev/null && touch $@
$(CLANGS): $(B)/lint/%.c.clang: %.c $(B)/%.o
	@mkdir -p $(@D)
	$(call Q,CLANG)$(CLANG) $(CPPFLAGS) $(CFLAGS) -O1 -fsyntax-only $< && touch $@
.PHONY: lint headers tidy clang style layers
headers: $(HDR_OK) ## each header stands alone
clang: $(CLANGS) ## the other compiler has no warning either
tidy: $(TIDY) ## clang-tidy, one file a run
style: ## clang-format would change nothing
	@clang-format --dry-run -Werror $(STYLED)
layers: all ## who includes whom, who exports what, lists against files, links of the pages
	@bash tests/lint/layers.sh
	@BUILD=$(B) bash tests/lint/symbols.sh
	@bash tests/lint/lists.sh
	@bash tests/lint/text.sh
	@BUILD=$(B) python3 tests/lint/docs.py
lint: deps ## everything a machine can say about style
	@$(MAKE) --no-print-directory -j$$(nproc) all headers clang layers style
	@BUILD=$(B) bash tests/lint/selftest.sh
	@$(B)/sallyport policy lint
	@$(MAKE) --no-print-directory -j$$(nproc) tidy
	@echo 'lint: clean'

# ---- install ---------------------------------------------------------------------------------------
.PHONY: deps install uninstall clean help
deps: ## install what is missing on Debian or Ubuntu (with sudo when not root)
	@bash tests/lib/deps.sh $(MAKECMDGOALS)
install: all ## program, manual page and completions; DESTDIR and PREFIX are honoured
	install -D -m 755 $(B)/sallyport $(DESTDIR)$(PREFIX)/bin/sallyport
	@mkdir -p $(B)/gen
	$(B)/sallyport help --man | gzip -9n >$(B)/gen/sallyport.1.gz
	install -D -m 644 $(B)/gen/sallyport.1.gz $(DESTDIR)$(PREFIX)/share/man/man1/sallyport.1.gz
	$(B)/sallyport help --completion bash >$(B)/gen/completion.bash
	$(B)/sallyport help --completion zsh >$(B)/gen/completion.zsh
	$(B)/sallyport help --completion fish >$(B)/gen/completion.fish
	install -D -m 644 $(B)/gen/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/sallyport
	install -D -m 644 $(B)/gen/completion.zsh $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_sallyport
	install -D -m 644 $(B)/gen/completion.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/sallyport.fish
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/sallyport $(DESTDIR)$(PREFIX)/share/man/man1/sallyport.1.gz \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/sallyport \
	  $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_sallyport \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/sallyport.fish

define entry
$(if $(filter $(1),$(firstword $(SRC))),[,$(comma)){"directory": "$(CURDIR)", "file": "$(1)", "command": "$(CC) $(CPPFLAGS) $(CFLAGS) -c $(1)"}

endef
compile_commands.json: Makefile $(SRC) ## for clangd
	$(file >$@,$(foreach s,$(SRC),$(call entry,$(s)))])

clean: ## remove build/
	rm -rf build compile_commands.json
help: ## this list
	@awk -F':.*## *' '/^[a-zA-Z_.-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' Makefile

.SECONDARY:
.DELETE_ON_ERROR:
-include $(OBJ:.o=.d) $(UNIT:%=$(B)/unit/%.d) $(FUZZ_ALL:%=$(B)/fuzz/%.d) $(wildcard $(B)/bench/*.d $(B)/conformance/*.d $(B)/tests/*.d)
