# Lookout: build, run, test. `make` alone says what there is. Everything is written under build/;
# what is missing from the machine is installed from Debian's packages, as root or with sudo.

BUILD    := build
NGINX_BIN ?= /usr/sbin/nginx
PORT     ?= 8080
WORKERS  ?= auto
LIMITS   ?= on
AUTH     ?= on
AS_OF    ?=
CC       := gcc
JOBS     := $(shell nproc)
SUDO     := $(if $(filter 0,$(shell id -u)),,sudo)
export PORT WORKERS LIMITS AUTH NGINX_BIN

# What each kind of work needs. nginx-dev brings nginx's headers and its build system.
PACKAGES_RUN  := gcc libc6-dev make nginx nginx-dev libsqlite3-dev libcjson-dev libssl-dev \
                 libgd-dev libfreetype-dev fonts-liberation fonts-dejavu-core curl
PACKAGES_TEST := $(PACKAGES_RUN) perl libcmocka-dev sqlite3 npm openssl
PACKAGES_BROWSER := $(PACKAGES_TEST) chromium
PACKAGES_LINT := $(PACKAGES_RUN) libcmocka-dev clang-format clang-tidy cppcheck perl
PACKAGES_BENCH := $(PACKAGES_RUN) wrk sqlite3 perl
PACKAGES_GALLERY := $(PACKAGES_RUN) npm

LIB_SRC   := $(sort $(shell find ngx_lookout_module -mindepth 2 -name '*.c'))
FACE_SRC  := $(sort $(wildcard ngx_lookout_module/*.c))
HEADERS   := $(sort $(shell find ngx_lookout_module seed -name '*.h'))
CHART_APP := $(sort $(wildcard ngx_lookout_module/tools/chart_app/*))
SEED_SRC  := $(sort $(wildcard seed/*.c))
UNIT_SRC  := $(sort $(wildcard t/unit/*.c))
COMPANY   := seed/schema.sql $(sort $(wildcard seed/company/*))
C_FILES   := $(LIB_SRC) $(FACE_SRC) $(HEADERS) $(SEED_SRC) $(UNIT_SRC) $(wildcard t/unit/*.h) \
             $(wildcard t/*.c t/bench/*.c t/gallery/*.[ch] t/conformance/*.[ch])

# SAN=1 builds everything with the sanitizers, beside the plain build.
ifdef SAN
OUT     := $(BUILD)/asan
SAN_OPT := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
else
OUT     := $(BUILD)
SAN_OPT :=
endif

CFLAGS  := -std=gnu11 -g -O2 -fPIC -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror $(SAN_OPT) \
           -I/usr/include/freetype2
LIBS    := -lsqlite3 -lcjson -lcrypto -lfreetype -lm -lpthread
MODULE  := $(abspath $(OUT))/ngx_lookout_module.so
SEED    := $(OUT)/lookout-seed
DATA    := $(BUILD)/data
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/obj/%.o)
UNITS   := $(patsubst t/unit/%.c,$(OUT)/unit/%,$(filter t/unit/test_%,$(UNIT_SRC)))
UNIT_HELP := $(filter-out t/unit/test_%,$(UNIT_SRC))
FIXTURE_SRC := $(sort $(wildcard t/conformance/*.c))
WITH_SRC    := $(if $(LOOKOUT_WITH_DIR),$(wildcard $(LOOKOUT_WITH_DIR)/*.[ch]))

say = @printf '\033[1m%s\033[0m\n' "$(1)"

.PHONY: help run start stop server servers revoke seed module test test-unit test-nginx test-clients test-browser test-asan bench \
        gallery lint format spec clean install conformance
.DELETE_ON_ERROR:

help:
	@echo "make run           build, seed the demo company, serve it on 127.0.0.1:$(PORT) (PORT= WORKERS= LIMITS=off AUTH=off)"
	@echo "make start         the same in the background; make stop ends it"
	@echo "make server        an address for a part of it: NAME= METHODS= TAGS= FILTERS= EXPIRES= ... (conf/server.sh)"
	@echo "make servers       lists them; make revoke ID= ends one"
	@echo "make seed          write the demo catalogue to $(DATA) again (AS_OF=2026-05-31)"
	@echo "make install       the module and its configuration into the system's nginx"
	@echo "make test          every test; test-unit, test-nginx, test-clients: some; test-asan: with sanitizers"
	@echo "make test-browser  the pages in Chromium: for people, and the chart in an MCP Apps host"
	@echo "make conformance   the official MCP suite, four revisions"
	@echo "make bench         speed, as ratios to a bare nginx location"
	@echo "make gallery       every chart beside Vega-Lite's: $(BUILD)/gallery/index.html (CASES=part of a name)"
	@echo "make lint          formatting, compiler warnings, clang-tidy, cppcheck, SPEC.md; make format mends the first"
	@echo "make spec          write the generated parts of SPEC.md anew"
	@echo "make clean         stop the demo, remove $(BUILD)/"

# ---- packages -------------------------------------------------------------------------------

# $(call packages,NAME,LIST): a stamp that is made anew when the list changes.
define packages
$$(BUILD)/packages/$(1): Makefile
	@mkdir -p $$(@D)
	@missing=$$$$(for p in $(2); do \
	    dpkg-query -W -f='$$$${db:Status-Abbrev}' $$$$p 2>/dev/null | grep -q '^ii' \
	      || command -v $$$$p >/dev/null 2>&1 || echo $$$$p; done); \
	if [ -n "$$$$missing" ]; then \
	    echo "Installing from Debian:" $$$$missing; \
	    $$(SUDO) apt-get update -qq && \
	    $$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	        --no-install-recommends $$$$missing >$$@.log 2>&1 \
	      || { tail -20 $$@.log; exit 1; }; \
	fi
	@touch $$@
endef
$(eval $(call packages,run,$(PACKAGES_RUN)))
$(eval $(call packages,test,$(PACKAGES_TEST)))
$(eval $(call packages,browser,$(PACKAGES_BROWSER)))
$(eval $(call packages,lint,$(PACKAGES_LINT)))
$(eval $(call packages,bench,$(PACKAGES_BENCH)))
$(eval $(call packages,gallery,$(PACKAGES_GALLERY)))

# ---- the module -----------------------------------------------------------------------------

# nginx's own configure, with the flags that Debian built its nginx with; it writes under build/.
$(OUT)/nginx/Makefile: config Makefile $(BUILD)/packages/run $(BUILD)/sources $(LOOKOUT_WITH_DIR)
	$(call say,Configuring against Debian's nginx)
	@mkdir -p $(OUT)
	@cd /usr/share/nginx/src && bash -c '. ./conf_flags && ./configure "$${NGX_CONF_FLAGS[@]}" \
	    --with-cc-opt="-g -O2 -fPIC -Wno-unused-parameter $(SAN_OPT)" \
	    --with-ld-opt="-Wl,-z,relro -Wl,-z,now -fPIC $(SAN_OPT)" \
	    --builddir=$(abspath $(OUT))/nginx --add-dynamic-module=$(CURDIR)' \
	    >$(abspath $(OUT))/configure.log 2>&1 || { tail -20 $(abspath $(OUT))/configure.log; exit 1; }

# The list of sources is nginx's to configure: a new or removed file configures again.
.PHONY: always
$(BUILD)/sources: always
	@mkdir -p $(@D)
	@echo $(LIB_SRC) $(FACE_SRC) $(HEADERS) | cmp -s - $@ || echo $(LIB_SRC) $(FACE_SRC) $(HEADERS) >$@

module: $(MODULE)
$(MODULE): $(OUT)/nginx/Makefile $(LIB_SRC) $(FACE_SRC) $(HEADERS) $(CHART_APP) $(WITH_SRC)
	$(call say,Building the module)
	@$(MAKE) -s -j$(JOBS) -f $(abspath $(OUT))/nginx/Makefile -C /usr/share/nginx/src modules
	@cp --remove-destination $(OUT)/nginx/ngx_lookout_module.so $@  # a running server keeps its own

# ---- the library, the seeder, the demo company ----------------------------------------------

$(OUT)/obj/seed/seed_catalog.o: seed/schema.sql
$(OUT)/obj/ngx_lookout_module/tools/chart_app.o: $(CHART_APP)
$(OUT)/obj/%.o: %.c $(HEADERS) $(BUILD)/packages/run
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -Wa,-Iseed,-Ingx_lookout_module/tools -c $< -o $@

$(OUT)/liblookout.a: $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^

$(SEED): $(SEED_SRC:%.c=$(OUT)/obj/%.o) $(OUT)/liblookout.a
	@$(CC) $(CFLAGS) $^ $(LIBS) -o $@

seed: $(BUILD)/seed-tool
	$(call say,Seeding the demo company)
	@$(BUILD)/lookout-seed $(if $(AS_OF),--as-of $(AS_OF)) seed/company $(DATA)
	@date -u +%F >$(DATA)/seeded

# Built by a make of its own, so that its objects are compiled on all cores.
$(BUILD)/seed-tool: $(SEED_SRC) $(LIB_SRC) $(HEADERS) seed/schema.sql | $(BUILD)/packages/run
	$(call say,Building the seeder)
	@$(MAKE) -s -j$(JOBS) $(BUILD)/lookout-seed
	@touch $@

# The demo's data are refreshed once a day, so that its sources stay within their freshness.
$(DATA)/catalog.db: $(COMPANY) $(BUILD)/seed-tool
	@$(MAKE) -s seed

.PHONY: fresh-data
fresh-data: $(DATA)/catalog.db
	@[ "$$(cat $(DATA)/seeded 2>/dev/null)" = "$$(date -u +%F)" ] || $(MAKE) -s seed

# ---- running --------------------------------------------------------------------------------

run: $(MODULE) fresh-data
	@MODULE=$(MODULE) DATA=$(abspath $(DATA)) conf/demo.sh run

start: $(MODULE) fresh-data
	@MODULE=$(MODULE) DATA=$(abspath $(DATA)) conf/demo.sh start

stop:
	@conf/demo.sh stop

# Scoped servers of the running demo; what the variables mean is in conf/server.sh.
export NAME METHODS TAGS DATASOURCES WORKBOOKS FILTERS EXPIRES AUTH_TOO ID

server:
	@conf/server.sh create

servers:
	@conf/server.sh list

revoke:
	@conf/server.sh revoke

# ---- tests ----------------------------------------------------------------------------------

$(OUT)/unit/%: t/unit/%.c $(UNIT_HELP) $(OUT)/liblookout.a
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -Ingx_lookout_module $< $(UNIT_HELP) $(OUT)/liblookout.a $(LIBS) -lz -lcmocka -o $@

test-unit: $(BUILD)/packages/test
	$(call say,Unit tests)
	@$(MAKE) -s -j$(JOBS) $(SEED) $(UNITS)
	@LOOKOUT_SEED=$(abspath $(SEED)) t/run-units $(UNITS)

test-nginx: $(BUILD)/packages/test $(MODULE) fresh-data
	$(call say,Tests inside nginx)
	@MODULE=$(MODULE) SEED=$(abspath $(BUILD))/lookout-seed SAN=$(SAN) t/run-nginx

test-clients: $(BUILD)/packages/test $(MODULE) fresh-data
	$(call say,Real MCP clients)
	@MODULE=$(MODULE) DATA=$(abspath $(DATA)) t/clients/run

test-browser: $(BUILD)/packages/browser $(MODULE) fresh-data
	$(call say,The pages in a browser)
	@MODULE=$(MODULE) DATA=$(abspath $(DATA)) t/browser/run

# The suite's tools are a surface of their own, linked into a module of its own.
conformance: $(BUILD)/packages/test $(MODULE) fresh-data
	@$(MAKE) -s OUT=$(OUT)/conformance LOOKOUT_WITH=lookout_conformance \
	    LOOKOUT_WITH_DIR=$(CURDIR)/t/conformance module
	$(call say,The official MCP conformance suite)
	@MODULE=$(abspath $(OUT))/conformance/ngx_lookout_module.so PLAIN=$(MODULE) \
	    DATA=$(abspath $(DATA)) t/conformance/run

test: test-unit test-nginx test-clients test-browser conformance

test-asan:
	@$(MAKE) -s SAN=1 test-unit test-nginx

# Draws charts without a server around it.
$(OUT)/bench-charts: t/bench/charts.c t/gallery/cases.c t/gallery/rows.c t/gallery/gallery.h \
                     $(OUT)/liblookout.a
	@$(CC) $(CFLAGS) $(filter %.c %.a,$^) $(LIBS) -o $@

bench: $(BUILD)/packages/bench $(MODULE) fresh-data
	@$(MAKE) -s -j$(JOBS) $(BUILD)/bench-charts
	@MODULE=$(MODULE) DATA=$(abspath $(DATA)) t/bench/run

# A page of charts to look at. Vega-Lite comes from npm; nothing that is installed needs it.
$(OUT)/draw-gallery: t/gallery/gallery.c t/gallery/cases.c t/gallery/rows.c t/gallery/gallery.h \
                     $(OUT)/liblookout.a
	@$(CC) $(CFLAGS) $(filter %.c %.a,$^) $(LIBS) -o $@

gallery: $(BUILD)/packages/gallery
	@$(MAKE) -s -j$(JOBS) $(BUILD)/draw-gallery
	@t/gallery/run $(BUILD)/draw-gallery $(CASES)

# ---- care -----------------------------------------------------------------------------------

NGX_INC := $(addprefix -I/usr/share/nginx/src/src/,core event event/modules os/unix http \
             http/modules http/v2) -I$(BUILD)/nginx

lint: $(BUILD)/packages/lint $(BUILD)/nginx/Makefile
	$(call say,clang-format)
	@clang-format --dry-run -Werror $(C_FILES)
	$(call say,Rooms)
	@t/lint-rooms
	$(call say,Documents)
	@$(MAKE) -s -j$(JOBS) $(BUILD)/spec-tables
	@t/spec --check $(BUILD)/spec-tables
	$(call say,cppcheck)
	@cppcheck --quiet --error-exitcode=1 -j$(JOBS) --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --suppress=unknownMacro $(LIB_SRC) $(SEED_SRC) $(FIXTURE_SRC)
	$(call say,clang-tidy)
	@printf '%s\n' $(LIB_SRC) $(SEED_SRC) $(FACE_SRC) $(FIXTURE_SRC) | xargs -P$(JOBS) -n1 sh -c \
	    'clang-tidy --quiet "$$@" -- -std=gnu11 $(NGX_INC) -Ingx_lookout_module -I/usr/include/freetype2 2>/dev/null' tidy

format:
	@clang-format -i $(C_FILES)

# What SPEC.md says of tools, operators, functions and codes comes out of the program's tables.
$(OUT)/spec-tables: t/spec-tables.c $(OUT)/liblookout.a
	@$(CC) $(CFLAGS) $< $(OUT)/liblookout.a $(LIBS) -o $@

spec: $(BUILD)/packages/lint
	@$(MAKE) -s -j$(JOBS) $(BUILD)/spec-tables
	@t/spec $(BUILD)/spec-tables

install: $(MODULE) $(BUILD)/seed-tool
	$(call say,Installing into the system's nginx)
	@$(SUDO) conf/install.sh $(MODULE) $(BUILD)/lookout-seed

clean: stop
	@rm -rf $(BUILD)
