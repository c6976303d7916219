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
                 libexpat1-dev libinih-dev libsqlite3-dev libperl-dev $(PACKAGES_$(INFLATE))
PACKAGES_isal  = libisal-dev
PACKAGES_DEMO  = $(PACKAGES_BUILD) awstats
PACKAGES_CHECK = $(PACKAGES_DEMO) python3-swift memcached openssl socat valgrind \
                 libgeoip2-perl libgeo-ipfree-perl
PACKAGES_LINT  = clang-format cppcheck mandoc
PACKAGES_FUZZ  = clang libclang-rt-14-dev
PACKAGES_BENCH = $(PACKAGES_CHECK) nginx-light goaccess curl

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
# The core reads, normalizes and sorts records and assembles views: pure C, no curl, no perl; one
# library, so that tests, benchmarks and fuzzers can link it alone.
CORE_DIRS    = memory text files normalized gzip sort log stream
HELPER_DIRS  = config http aws s3 source ledger batch fetch awstats commands
LIBS_isal    = libisal
LIBS_zlib    =
CORE_PC      = $(LIBS_$(INFLATE)) zlib
HELPER_PC    = libcurl libcrypto expat inih sqlite3 $(CORE_PC)

CORE_SRC    := $(filter-out helper/gzip/decoder_%.c,$(foreach d,$(CORE_DIRS),$(wildcard helper/$(d)/*.c))) \
               helper/gzip/decoder_$(INFLATE).c
HELPER_SRC  := $(wildcard helper/*.c) $(foreach d,$(HELPER_DIRS),$(wildcard helper/$(d)/*.c))
CORE_OBJ     = $(CORE_SRC:%.c=$(B)/%.o)
HELPER_OBJ   = $(HELPER_SRC:%.c=$(B)/%.o)
C_FILES     := $(wildcard helper/*.[ch] helper/*/*.[ch] plugin/*/*.[ch] tests/*/*.[ch])
PERL_FILES  := $(wildcard plugin/*.pm tests/*.t tests/lib/*.pm tests/bench/*.pm) \
               tests/generate-logs tests/demo/demo tests/bench/run \
               tests/differential tests/differential-mutants
TEST_SRC    := $(wildcard tests/c/*.c)
TEST_BIN     = $(TEST_SRC:tests/c/%.c=$(B)/tests/%) $(PORTABLE_BIN)

DEFINES  = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
# Position-independent, since the plugin's shared object takes what it needs of the core's archive.
COMPILE  = $(CC) -std=c17 $(WARNINGS) $(CFLAGS) $(DEFINES) -pthread -fPIC -fvisibility=hidden -I$(INCLUDE) -MMD -MP
INCLUDE  = helper
pc       = $(shell pkg-config $(1) $(2) 2>/dev/null)

.PHONY: all helper plugin c-tests demo check lint bench fuzz differential install install-helper install-plugin \
        uninstall clean help libraries FORCE
all: helper plugin

helper: libraries
	@$(MAKE) --no-print-directory $(B)/awstats-cloudfront $(MANUAL)

libraries:
	@command -v pkg-config >/dev/null || { echo "make: pkg-config is missing: apt-get install pkg-config" >&2; exit 1; }
	@for pair in $(HELPER_PC:%=%); do pkg-config --exists $$pair || { \
	    echo "make: the library $$pair is missing; Debian's packages are: $(PACKAGES_BUILD)" >&2; exit 1; }; done

# Changes when the build's settings do, and then all is built again.
SETTINGS = $(CC) $(CFLAGS) $(DEFINES) $(INFLATE)
$(B)/settings: FORCE
	@mkdir -p $(@D)
	@echo '$(SETTINGS)' | cmp -s - $@ || echo '$(SETTINGS)' >$@
FORCE:
.SECONDARY:

$(B)/%.o: %.c $(B)/settings
	@mkdir -p $(@D)
	$(COMPILE) $(call pc,--cflags,$(HELPER_PC)) -c -o $@ $<

$(B)/libcloudfrontlog.a: $(CORE_OBJ) $(B)/settings
	@rm -f $@
	ar rcs $@ $(CORE_OBJ)

$(B)/libhelper.a: $(filter-out $(B)/helper/main.o,$(HELPER_OBJ))
	@rm -f $@
	ar rcs $@ $^

$(B)/awstats-cloudfront: $(B)/helper/main.o $(B)/libhelper.a $(B)/libcloudfrontlog.a
	$(CC) $(CFLAGS) -pthread -o $@ $^ $(LDFLAGS) $(call pc,--libs,$(HELPER_PC))

# The lists of options and settings come from the program's own tables, that of columns from theirs.
MANUAL = $(B)/awstats-cloudfront.1 $(B)/cloudfront.conf.5
$(MANUAL): $(B)/%: helper/manual/%.in helper/normalized/columns.def $(B)/awstats-cloudfront
	@mkdir -p $(B)/generated
	$(B)/awstats-cloudfront --print-manual-options >$(B)/generated/$*.options
	$(B)/awstats-cloudfront --print-manual-settings >$(B)/generated/$*.settings
	$(PERL) helper/normalized/print-columns manual >$(B)/generated/$*.columns
	sed -e '/^@OPTIONS@$$/{r $(B)/generated/$*.options' -e 'd}' \
	    -e '/^@SETTINGS@$$/{r $(B)/generated/$*.settings' -e 'd}' \
	    -e '/^@COLUMNS@$$/{r $(B)/generated/$*.columns' -e 'd}' $< >$@

# ---- the plugin -----------------------------------------------------------------------------
# All C but the glue, CloudFront.xs, is one archive.  MakeMaker builds the glue and links the archive
# to it.  AWStats finds the result in $(B)/plugin as in its own plugins folder: cloudfront.pm, and
# cloudfront/.
AWSTATS_PLUGINS ?= /usr/share/awstats/plugins
PERL        ?= perl
PLUGIN_DIRS  = feed search values awstats loop history
PLUGIN_SRC  := $(foreach d,$(PLUGIN_DIRS),$(wildcard plugin/$(d)/*.c))
PLUGIN_OBJ   = $(PLUGIN_SRC:%.c=$(B)/%.o)
PLUGIN_XS   := plugin/CloudFront.xs plugin/Makefile.PL plugin/cloudfront.pm plugin/pop.tsv \
               $(shell find plugin/lib -name '*.pm')
PERL_CFLAGS := $(shell $(PERL) -MConfig -e 'print "$$Config{ccflags} -isystem $$Config{archlibexp}/CORE"' 2>/dev/null)
PERL_SETTINGS := $(shell $(PERL) -MConfig -e 'print "$$^X $$^V $$Config{archname} $$Config{ccflags}"' 2>/dev/null)

$(B)/perl-settings: FORCE
	@mkdir -p $(@D)
	@echo '$(PERL_SETTINGS)' | cmp -s - $@ || echo '$(PERL_SETTINGS)' >$@

$(PLUGIN_OBJ): $(B)/%.o: %.c $(B)/settings $(B)/perl-settings
	@mkdir -p $(@D)
	$(COMPILE) -Wno-sign-conversion -Iplugin $(PERL_CFLAGS) -c -o $@ $<

$(B)/libplugin.a: $(PLUGIN_OBJ)
	@rm -f $@
	ar rcs $@ $^

plugin:
	@command -v $(PERL) >/dev/null || { echo "make: perl is missing: apt-get install libperl-dev" >&2; exit 1; }
	@$(MAKE) --no-print-directory $(B)/plugin/.built
$(B)/plugin/.built: $(PLUGIN_XS) helper/normalized/columns.def helper/normalized/print-columns $(B)/libplugin.a $(B)/libcloudfrontlog.a
	@rm -rf $(B)/plugin/cloudfront $(B)/plugin/xs && mkdir -p $(B)/plugin/xs
	@cp plugin/cloudfront.pm $(B)/plugin/
	@cp -R plugin/CloudFront.xs plugin/Makefile.PL plugin/lib plugin/pop.tsv $(B)/plugin/xs/
	@$(PERL) helper/normalized/print-columns module >$(B)/plugin/xs/lib/AWStats/CloudFront/Columns.pm
	cd $(B)/plugin/xs && $(PERL) Makefile.PL OPTIMIZE="$(CFLAGS)" INC="-I$(CURDIR)/plugin -I$(CURDIR)/helper" \
	    MYEXTLIB="$(abspath $(B)/libplugin.a $(B)/libcloudfrontlog.a)" INST_LIB=../cloudfront INST_ARCHLIB=../cloudfront >/dev/null && \
	    $(MAKE) --no-print-directory >/dev/null
	@touch $@

install-plugin: plugin
	install -d $(DESTDIR)$(AWSTATS_PLUGINS)
	install -m 644 $(B)/plugin/cloudfront.pm $(DESTDIR)$(AWSTATS_PLUGINS)
	cd $(B)/plugin && find cloudfront -type f ! -name .exists \
	    -exec install -D -m 644 '{}' '$(DESTDIR)$(AWSTATS_PLUGINS)/{}' ';'

# ---- tests ----------------------------------------------------------------------------------
# C tests link the core and the helper's modules; each is a program that prints TAP.
$(B)/tests/%: $(B)/tests/c/%.o $(B)/libhelper.a $(B)/libcloudfrontlog.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -pthread -o $@ $^ $(LDFLAGS) $(call pc,--libs,$(HELPER_PC))

# Those of the plugin link what they need of its archive, all of it C without Perl; some also as it is
# on machines without what it makes use of.
PORTABLE_C   = feed/record search/required_word values/table search/word_search
PORTABLE_BIN = $(foreach c,$(PORTABLE_C),$(B)/tests/portable_$(notdir $(c)))
PORTABLE_OBJ = $(foreach c,$(PORTABLE_C),$(B)/portable/$(notdir $(c)).o)
PORTABLE     = -U__SSE2__ -U__SIZEOF_INT128__
vpath %.c $(PLUGIN_DIRS:%=plugin/%)

$(B)/tests/c/plugin_%.o: INCLUDE = helper -Iplugin -I$(B)/generated

$(B)/tests/plugin_%: $(B)/tests/c/plugin_%.o $(B)/libplugin.a $(B)/libcloudfrontlog.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -pthread -o $@ $^ $(LDFLAGS)

$(PORTABLE_OBJ): $(B)/portable/%.o: %.c $(B)/settings
	@mkdir -p $(@D)
	$(COMPILE) -Iplugin $(PORTABLE) -c -o $@ $<

$(PORTABLE_BIN): $(B)/tests/portable_%: $(B)/tests/c/plugin_%.o $(B)/portable/%.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -pthread -o $@ $^ $(LDFLAGS)

# What the tests write of the normalized log comes from the list of its columns, too.
$(B)/generated/columns_text.h: helper/normalized/columns.def helper/normalized/print-columns
	@mkdir -p $(@D)
	$(PERL) helper/normalized/print-columns header >$@
$(TEST_SRC:%.c=$(B)/%.o): $(B)/generated/columns_text.h
$(B)/tests/c/%.o: INCLUDE = helper -I$(B)/generated

c-tests: libraries
	@$(MAKE) --no-print-directory $(TEST_BIN)

# The helper's own tests, and those of its parts, run with the sanitizers; those that need AWStats
# run with what would be installed.
TESTS_HELPER = $(sort $(wildcard tests/[0-4]*.t))
TESTS_WHOLE  = $(sort $(wildcard tests/[5-9]*.t))
PROVE        = prove --timer -j 2

check:
	$(call install_packages,$(PACKAGES_CHECK))
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory B=$(B)-asan CFLAGS="$(SANITIZE)" helper c-tests
	AWSTATS_CLOUDFRONT=$(CURDIR)/$(B)-asan/awstats-cloudfront $(PROVE) \
	    $(patsubst $(B)/%,$(B)-asan/%,$(TEST_BIN)) $(TESTS_HELPER)
	AWSTATS_CLOUDFRONT=$(CURDIR)/$(B)/awstats-cloudfront \
	    $(PROVE) $(TESTS_WHOLE)

lint:
	$(call install_packages,$(PACKAGES_BUILD) $(PACKAGES_LINT))
	@echo clang-format; clang-format --dry-run -Werror $(C_FILES)
	@$(MAKE) --no-print-directory B=$(B)-lint CFLAGS="-O2 -Werror" helper c-tests
	@$(MAKE) --no-print-directory B=$(B)-lint plugin
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --suppress=missingIncludeSystem \
	    --enable=warning,performance,portability -D_GNU_SOURCE -Ihelper \
	    -Iplugin helper plugin/feed tests/c tests/bench tests/faults tests/fuzz
	mandoc -Tlint -W warning $(MANUAL:$(B)/%=$(B)-lint/%)
	@for f in $(PERL_FILES); do \
	    AWSTATS_CLOUDFRONT=$(CURDIR)/$(B)-lint/awstats-cloudfront \
	    perl -Itests/lib -Itests/bench -I$(B)-lint/plugin/cloudfront -wc $$f 2>&1 | \
	        grep -v 'syntax OK$$\|used only once' >&2 && exit 1; done; true
	@python3 -c 'import ast; ast.parse(open("tests/s3-server").read())'
	@! grep -nP '\t' $(C_FILES) || { echo "make: a TAB in a C file" >&2; exit 1; }

demo:
	$(call install_packages,$(PACKAGES_DEMO))
	@$(MAKE) --no-print-directory all
	@AWSTATS_CLOUDFRONT=$(CURDIR)/$(B)/awstats-cloudfront perl tests/demo/demo $(B)/demo

bench:
	$(call install_packages,$(PACKAGES_BENCH))
	@$(MAKE) --no-print-directory all
	@tests/bench/run $(B)

# Coverage-guided fuzzing of the core, with clang: make fuzz SECONDS=60
SECONDS ?= 60
fuzz:
	$(call install_packages,$(PACKAGES_BUILD) $(PACKAGES_FUZZ))
	@mkdir -p $(B)-fuzz/corpus && cp -n tests/data/download/*.gz $(B)-fuzz/corpus/
	clang -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined $(DEFINES) -pthread -Ihelper \
	    -o $(B)-fuzz/reader tests/fuzz/reader.c $(CORE_SRC) $(call pc,--libs,$(CORE_PC) inih)
	cd $(B)-fuzz && ./reader -max_total_time=$(SECONDS) -max_len=65536 -timeout=10 corpus

# AWStats with the plugin beside AWStats without it, over logs and settings never seen before:
# make differential SECONDS=600
differential:
	$(call install_packages,$(PACKAGES_CHECK))
	@$(MAKE) --no-print-directory all
	@AWSTATS_CLOUDFRONT=$(CURDIR)/$(B)/awstats-cloudfront \
	    tests/differential --seconds $(SECONDS) --keep $(B)/differential

# ---- installing -----------------------------------------------------------------------------
install: install-helper install-plugin

install-helper: helper
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/awstats-cloudfront
	install -m 755 $(B)/awstats-cloudfront $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(B)/awstats-cloudfront.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 $(B)/cloudfront.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	for f in awstats-conf/*.conf; do sed 's|/usr/local/|$(PREFIX)/|g' $$f \
	    >$(DESTDIR)$(PREFIX)/share/awstats-cloudfront/$${f##*/} || exit 1; done

uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/bin/awstats-cloudfront \
	    $(DESTDIR)$(PREFIX)/share/man/man1/awstats-cloudfront.1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5/cloudfront.conf.5 \
	    $(DESTDIR)$(PREFIX)/share/awstats-cloudfront \
	    $(DESTDIR)$(AWSTATS_PLUGINS)/cloudfront.pm $(DESTDIR)$(AWSTATS_PLUGINS)/cloudfront

help:
	@echo "make            build the helper and the plugin into $(B)/"
	@echo "make demo       install what is missing, build, and make a report of the sample logs"
	@echo "make check      install what is missing, build, and run all tests"
	@echo "make lint       format, warnings, static analysis"
	@echo "make bench      measure, beside stock tools"
	@echo "make fuzz       fuzz the core; SECONDS=60"
	@echo "make differential  compare AWStats with and without the plugin; SECONDS=60"
	@echo "make install    PREFIX=$(PREFIX) AWSTATS_PLUGINS=$(AWSTATS_PLUGINS)"
	@echo "make uninstall  remove what was installed"
	@echo "make clean      remove what was built"

clean:
	rm -rf $(B) $(B)-asan $(B)-lint $(B)-fuzz

-include $(CORE_OBJ:.o=.d) $(HELPER_OBJ:.o=.d) $(TEST_SRC:%.c=$(B)/%.d) \
    $(PLUGIN_OBJ:.o=.d) $(PORTABLE_OBJ:.o=.d)
