# The only makefile. `make help` lists what it does.
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
SHELL     := /bin/bash
.DEFAULT_GOAL := all

MODE    ?= release
BUILD   ?= build/$(MODE)
B       := $(BUILD)
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
CLANG   ?= clang
VERSION := 0.1.0
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
RULES := $(sort $(shell find rules -type f -name '*.yaml' 2>/dev/null))
comma := ,

CPPFLAGS := -I. -I$(B)/gen -D_GNU_SOURCE -DSALLYPORT_VERSION='"$(VERSION)"'
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
        -Wwrite-strings -Wcast-qual -Wpointer-arith -Wformat=2 -Wvla -Wundef -Werror
CFLAGS  := -std=c11 -g $(WARN) -fno-strict-aliasing -fstack-protector-strong -fPIE
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack
LIBS    := -l:libhs_runtime.a -lyaml -larchive -lzstd -lisal -lseccomp -lcrypto -lm -lpthread

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
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The pattern database of the secrets search, compiled at build time by a program of the host (scanner/image/detectors.h).
DETECTORS := rules/detectors/secrets.yaml rules/detectors/paths.yaml
$(B)/tool/secrets_build: scanner/image/tool/secrets_build.c Makefile
	@mkdir -p $(@D) $(B)/gen
	$(CC) $(CPPFLAGS) $(CFLAGS) -O1 -o $@ $< -lyaml -lhs
$(B)/gen/detectors.c: $(B)/tool/secrets_build $(DETECTORS)
	$(B)/tool/secrets_build $(DETECTORS) $(B)/gen
$(B)/gen/detectors.o: $(B)/gen/detectors.c scanner/image/detectors.h
	$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(B)/gen/detectors_db.o: $(B)/gen/detectors.c
	$(CC) -c -o $@ $(B)/gen/detectors_db.S
$(B)/lib/scanner.a: $(B)/gen/detectors.o $(B)/gen/detectors_db.o

$(foreach r,$(ROOMS),$(eval $(B)/lib/$(r).a: $(filter $(B)/$(r)/%,$(filter-out $(B)/gate/main.o,$(OBJ)))))
$(B)/lib/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

$(B)/sallyport: $(B)/gate/main.o $(call AR_OF,$(LINKS_gate)) $(B)/gen/rules.o
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) $(B)/gen/rules.o -Wl,--end-group $(LIBS)

# The rule packs, byte for byte, with a table of their names (policies/builtin.h).
$(B)/gen/rules.S: $(RULES) policies/embed.sh Makefile
	@mkdir -p $(@D)
	bash policies/embed.sh $(RULES) >$@
$(B)/gen/rules.o: $(B)/gen/rules.S
	$(CC) -c -o $@ $<

# ---- tests ----------------------------------------------------------------------------------------
TEST_CFLAGS = $(ALL_CFLAGS) -Wno-missing-prototypes -Wno-cast-qual -Wno-overlength-strings
$(UNIT:%=$(B)/unit/%.o): $(B)/unit/%.o: tests/unit/%.c Makefile | $(B)/.deps
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -DTEST_BUILD='"$(B)"' -MMD -MP -c -o $@ $<
define unit_link
$(B)/unit/$(1): $(B)/unit/$(1).o $(call links,$(1)) $(if $(filter policies reports gate,$(firstword $(subst _, ,$(1)))),$(B)/gen/rules.o)
	$(CC) $$(ALL_LDFLAGS) -o $$@ $$< -Wl,--start-group $$(filter %.a %rules.o,$$^) -Wl,--end-group $(LIBS) -ljansson -lcriterion
endef
$(foreach u,$(UNIT),$(eval $(call unit_link,$(u))))

define fuzz_rules
$(B)/fuzz/$(1).o: $(2) Makefile | $(B)/.deps
	@mkdir -p $$(@D)
	$(CC) $$(TEST_CFLAGS) $(3) -MMD -MP -c -o $$@ $$<
$(B)/replay/$(1): $(B)/fuzz/$(1).o $(B)/fuzz/replay.o $(call AR_OF,$(LINKS_reports)) $(B)/gen/rules.o
	@mkdir -p $$(@D)
	$(CC) $$(ALL_LDFLAGS) -o $$@ $$< $(B)/fuzz/replay.o -Wl,--start-group $$(filter %.a,$$^) $(B)/gen/rules.o -Wl,--end-group $(LIBS)
$(B)/fuzz/$(1): $(B)/fuzz/$(1).o $(call AR_OF,$(LINKS_reports)) $(B)/gen/rules.o
	$(CC) $$(ALL_LDFLAGS) -fsanitize=fuzzer -o $$@ $$< -Wl,--start-group $$(filter %.a,$$^) $(B)/gen/rules.o -Wl,--end-group $(LIBS)
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_rules,$(f),tests/fuzz/fuzz_$(f).c,)))
$(foreach f,$(FORMATS),$(eval $(call fuzz_rules,format_$(f),tests/fuzz/fuzz_format.c,-DFUZZ_FORMAT=$(f))))
$(B)/fuzz/replay.o: tests/fuzz/replay.c Makefile
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/.deps:
	@mkdir -p $(B) && touch $@

.SECONDARY:
.DELETE_ON_ERROR:
-include $(OBJ:.o=.d) $(UNIT:%=$(B)/unit/%.d) $(FUZZ_ALL:%=$(B)/fuzz/%.d)
