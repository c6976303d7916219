# awstats-cloudfront.  `make help` lists the targets; INSTALL explains them.

PREFIX  ?= /usr/local
B       ?= build
CC      ?= cc
INFLATE ?= isal
SHELL    = /bin/sh

CFLAGS   ?= -O2 -g
WARNINGS  = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
SANITIZE  = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1

# ---- packages, by Debian's names ------------------------------------------------------------
PACKAGES_BUILD = gcc libc6-dev pkg-config libcurl4-openssl-dev libssl-dev zlib1g-dev \
                 libexpat1-dev libinih-dev libperl-dev mandoc $(PACKAGES_$(INFLATE))
PACKAGES_isal  = libisal-dev
PACKAGES_DEMO  = $(PACKAGES_BUILD) awstats
PACKAGES_CHECK = $(PACKAGES_DEMO) python3-swift memcached curl
PACKAGES_LINT  = clang-format cppcheck mandoc shellcheck
PACKAGES_BENCH = $(PACKAGES_CHECK) nginx-light goaccess valgrind

# $(call install_packages,LIST): says what is missing, then installs it.  Needs no network when
# nothing is missing.
define install_packages
	@missing=; for p in $(1); do \
	    dpkg-query -W -f '$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || \
	        missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	    sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	    echo "Packages to install with apt-get:$$missing"; \
	    $$sudo apt-get -qq update && \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get -y -qq install \
	        --no-install-recommends $$missing >/dev/null || \
	    { echo "make: could not install:$$missing" >&2; exit 1; }; fi
endef

# ---- the helper -----------------------------------------------------------------------------
# The core reads, normalizes and sorts records: pure C, no curl, no perl; one library, so that
# tests, benchmarks and fuzzers can link it alone.
CORE_DIRS    = log
HELPER_DIRS  = text config s3 source commands
LIBS_isal    = libisal
LIBS_zlib    =
CORE_PC      = $(LIBS_$(INFLATE)) zlib
HELPER_PC    = libcurl libcrypto expat inih $(CORE_PC)

CORE_SRC    := $(filter-out helper/log/inflate_%.c,$(foreach d,$(CORE_DIRS),$(wildcard helper/$(d)/*.c))) \
               helper/log/inflate_$(INFLATE).c
HELPER_SRC  := $(wildcard helper/*.c) $(foreach d,$(HELPER_DIRS),$(wildcard helper/$(d)/*.c))
CORE_OBJ     = $(CORE_SRC:%.c=$(B)/%.o)
HELPER_OBJ   = $(HELPER_SRC:%.c=$(B)/%.o)
TEST_SRC    := $(wildcard tests/c/*.c)
TEST_BIN     = $(TEST_SRC:tests/c/%.c=$(B)/tests/%)

DEFINES  = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
COMPILE  = $(CC) -std=c17 $(WARNINGS) $(CFLAGS) $(DEFINES) -pthread -Ihelper -MMD -MP
pc       = $(shell pkg-config $(1) $(2) 2>/dev/null)

.PHONY: all helper plugin install-plugin demo check lint bench fuzz install clean help libraries
all: helper plugin

helper: libraries
	@$(MAKE) --no-print-directory $(B)/awstats-cloudfront $(B)/awstats-cloudfront.1

libraries:
	@command -v pkg-config >/dev/null || { echo "make: pkg-config is missing: apt-get install pkg-config" >&2; exit 1; }
	@for pair in $(HELPER_PC:%=%); do pkg-config --exists $$pair || { \
	    echo "make: the library $$pair is missing; Debian's packages are: $(PACKAGES_BUILD)" >&2; exit 1; }; done

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) $(call pc,--cflags,$(HELPER_PC)) -c -o $@ $<

$(B)/libcloudfrontlog.a: $(CORE_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(B)/awstats-cloudfront: $(HELPER_OBJ) $(B)/libcloudfrontlog.a
	$(CC) $(CFLAGS) -pthread -o $@ $^ $(LDFLAGS) $(call pc,--libs,$(HELPER_PC))

# The lists of options and settings come from the program's own tables.
$(B)/awstats-cloudfront.1: helper/awstats-cloudfront.1.in $(B)/awstats-cloudfront
	$(B)/awstats-cloudfront --print-manual-options >$(B)/manual-options
	$(B)/awstats-cloudfront --print-manual-settings >$(B)/manual-settings
	sed -e '/^@OPTIONS@$$/{r $(B)/manual-options' -e 'd}' \
	    -e '/^@SETTINGS@$$/{r $(B)/manual-settings' -e 'd}' $< >$@

# ---- the plugin -----------------------------------------------------------------------------
# AWStats finds it in $(B)/plugin as in its own plugins folder: cloudfront.pm, and cloudfront/.
AWSTATS_PLUGINS ?= /usr/share/awstats/plugins
PLUGIN_SRC := $(shell find plugin -type f)
plugin: $(B)/plugin/.built
$(B)/plugin/.built: $(PLUGIN_SRC)
	@command -v perl >/dev/null || { echo "make: perl is missing: apt-get install libperl-dev" >&2; exit 1; }
	@mkdir -p $(B)/plugin && cp -pR plugin/. $(B)/plugin
	cd $(B)/plugin && perl Makefile.PL OPTIMIZE="$(CFLAGS)" >/dev/null && $(MAKE) --no-print-directory >/dev/null
	@touch $@

install-plugin: plugin
	install -d $(DESTDIR)$(AWSTATS_PLUGINS)
	install -m 644 $(B)/plugin/cloudfront.pm $(DESTDIR)$(AWSTATS_PLUGINS)
	cd $(B)/plugin && find cloudfront -type f ! -name .exists \
	    -exec install -D -m 644 '{}' '$(DESTDIR)$(AWSTATS_PLUGINS)/{}' ';'
	@chmod 755 $(DESTDIR)$(AWSTATS_PLUGINS)/cloudfront

# ---- tests ----------------------------------------------------------------------------------
$(B)/tests/%: $(B)/tests/c/%.o $(B)/libcloudfrontlog.a
	$(CC) $(CFLAGS) -pthread -o $@ $(filter-out $(B)/libcloudfrontlog.a,$^) $(B)/libcloudfrontlog.a $(LDFLAGS) $(call pc,--libs,$(HELPER_PC))

clean:
	rm -rf $(B) $(B)-asan

-include $(CORE_OBJ:.o=.d) $(HELPER_OBJ:.o=.d) $(TEST_SRC:%.c=$(B)/%.d)
