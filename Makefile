# awstats-cloudfront.  `make help` lists the targets; INSTALL explains them.

PREFIX  ?= /usr/local
B       ?= build
CC      ?= cc
INFLATE ?= isal
PERL    ?= perl
SHELL    = /bin/sh

# CFLAGS, CPPFLAGS and LDFLAGS are the builder's own; they reach the helper, the plugin and its glue.
# WERROR=-Werror makes warnings fatal, which `make check` and `make lint` do.
CFLAGS   ?= -O2 -g
WERROR   ?=
WARNINGS  = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
# Undefined behaviour ends the program by SIGILL (exit status 132): the texts that would name its line double the program, and
# each start of it takes half as long again.  `make check TRAP=` has them.
TRAP      = -fsanitize-undefined-trap-on-error
SANITIZE  = -fsanitize=address,undefined -fno-sanitize-recover=all $(TRAP) -fno-omit-frame-pointer -O1

# Recipes that build for a person use all processors, unless make was called with -j.
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
SUBMAKE = $(MAKE) --no-print-directory $(JOBS)

# ---- packages, by Debian's names ------------------------------------------------------------
PACKAGES_build    = gcc libc6-dev pkg-config libcurl4-openssl-dev libssl-dev zlib1g-dev \
                    libexpat1-dev libjansson-dev libsqlite3-dev libxxhash-dev libzstd-dev libsnappy-dev \
                    liblz4-dev libperl-dev mandoc $(PACKAGES_$(INFLATE))
PACKAGES_isal     = libisal-dev libdeflate-dev
PACKAGES_demo     = $(PACKAGES_build) awstats
PACKAGES_check    = $(PACKAGES_demo) python3-swift memcached openssl socat libdbd-sqlite3-perl \
                    libgeoip2-perl libgeo-ipfree-perl libjson-xs-perl libio-pty-perl \
                    python3-prometheus-client python3-pyfuse3 fuse3 libpcre2-dev awscli python3-botocore \
                    goaccess iproute2
PACKAGES_lint     = $(PACKAGES_build) clang-format clang-tidy cppcheck perltidy libperl-critic-perl \
                    shellcheck codespell
PACKAGES_fuzz     = $(PACKAGES_build) clang libclang-rt-dev libpcre2-dev
PACKAGES_afl      = $(PACKAGES_fuzz) afl++
PACKAGES_bench    = $(PACKAGES_check) curl rclone
PACKAGES_coverage = $(PACKAGES_check)
PACKAGES_browser  = $(PACKAGES_demo) chromium
PACKAGES_cluster  = $(PACKAGES_demo) slurmctld slurmd slurm-client munge parallel
PACKAGES_deb      = $(PACKAGES_build) build-essential debhelper awstats
PACKAGES_rpm      = $(PACKAGES_build) rpm rpmlint

# `make deps` installs what the targets in FOR need.  These targets do the same for themselves, as root
# or with sudo.  DEPS=no, for builds of packages, installs nothing and only names what is missing.
FOR  ?= demo check lint
DEPS ?= yes
need  = @.ci/packages $(DEPS) $(PACKAGES_$(1))

.PHONY: all helper plugin c-tests deps demo check check-browser check-cluster check-threads check-build check-sanitized check-debian13 soak coverage \
        awstats-versions lint bench fuzz fuzz-afl fuzz-build differential install install-helper install-plugin \
        uninstall deb rpm check-deb clean help libraries FORCE $(LINT_PARTS:%=lint-%) lint-perltidy tidy
all: helper plugin

deps:
	@.ci/packages yes $(sort $(foreach target,$(FOR),$(PACKAGES_$(target))))

# ---- what the build goes by -----------------------------------------------------------------
# VERSION, and in a checkout that is past the tag of that version, how far: 0.1-12-g5437287.
describe = $(eval describe := $$(shell v=$$$$(cat VERSION); { test -e .git && \
    git describe --tags --match "v$$$$v" 2>/dev/null || echo "v$$$$v"; } | sed 's/^v//'))$(describe)

# $(call changed,TEXT): writes TEXT to the target if it says something else.  Two runs of make may do so at once.
quote   = '$(subst ','\'',$(1))'
changed = @mkdir -p $(@D); new=$@.$$$$; printf '%s\n' $(call quote,$(1)) >$$new; \
          if cmp -s $$new $@; then rm $$new; else mv $$new $@; fi

# Each of these changes when its settings do, and what depends on it is built again.
SETTINGS = $(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(DEFINES) $(INFLATE)
$(B)/settings: FORCE
	$(call changed,$(SETTINGS))

$(B)/perl-settings: FORCE
	@command -v $(PERL) >/dev/null || { echo "make: $(PERL) is missing: apt-get install libperl-dev" >&2; exit 1; }
	$(call changed,$(PERL_SETTINGS))

# Which files an archive is made of: one that was moved or deleted leaves it.
$(B)/%.a.files: FORCE
	$(call changed,$(OBJECTS:$(B)/%=%))

$(B)/glue-settings: FORCE
	$(call changed,$(describe) $(PLUGIN_PM))

$(B)/generated/version.h: FORCE
	$(call changed,#define VERSION "$(describe)")
FORCE:
.SECONDARY:
.DELETE_ON_ERROR:

# pkg-config is called once a run, for all that the helper or the core links.
PC_CFLAGS = $(eval PC_CFLAGS := $$(shell pkg-config --cflags $(HELPER_PC) 2>/dev/null))$(PC_CFLAGS)
PC_LIBS   = $(eval PC_LIBS := $$(shell pkg-config --libs $(HELPER_PC) 2>/dev/null) -lsnappy)$(PC_LIBS)

libraries:
	@command -v pkg-config >/dev/null || { echo "make: pkg-config is missing: apt-get install pkg-config" >&2; exit 1; }
	@pkg-config --exists $(HELPER_PC) || for library in $(HELPER_PC); do pkg-config --exists $$library || { \
	    echo "make: the library $$library is missing; Debian's packages are: $(PACKAGES_build)" >&2; exit 1; }; done
	@echo '#include <snappy-c.h>' | $(CC) $(CPPFLAGS) $(CFLAGS) -E - >/dev/null 2>&1 || { \
	    echo "make: the library snappy is missing; Debian's packages are: $(PACKAGES_build)" >&2; exit 1; }

# ---- the helper -----------------------------------------------------------------------------
# The core reads, normalizes and sorts records and assembles views: pure C, no curl, no perl; one
# library, so that tests, benchmarks and fuzzers can link it alone.
CORE_DIRS    = memory text files threads historyfile normalized gzip zstd parquet sort log stream
HELPER_DIRS  = unique config http aws s3 source ledger batch backup run fetch awstats embedded recount report update shards setup commands
LIBS_isal    = libisal libdeflate
LIBS_zlib    =
CORE_PC      = $(LIBS_$(INFLATE)) zlib libzstd liblz4 libxxhash libcrypto
HELPER_PC    = libcurl expat jansson sqlite3 $(CORE_PC)

CORE_SRC    := $(filter-out helper/gzip/decoder_%.c,$(foreach d,$(CORE_DIRS),$(wildcard helper/$(d)/*.c))) \
               helper/gzip/decoder_$(INFLATE).c
HELPER_SRC  := $(wildcard helper/*.c) $(foreach d,$(HELPER_DIRS),$(wildcard helper/$(d)/*.c))
CORE_OBJ     = $(CORE_SRC:%.c=$(B)/%.o)
HELPER_OBJ   = $(HELPER_SRC:%.c=$(B)/%.o)
C_FILES     := $(wildcard helper/*.[ch] helper/*/*.[ch] plugin/*/*.[ch] tests/*/*.[ch])
TEST_SRC    := $(wildcard tests/c/*.c)
# Fuzz targets, each with a main() that runs it over its corpus (tests/fuzz/replay).
FUZZ        ?= $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
REPLAY_BIN   = $(FUZZ:%=$(B)/tests/fuzz_%)
TEST_BIN     = $(TEST_SRC:tests/c/%.c=$(B)/tests/%) $(PORTABLE_BIN) $(REPLAY_BIN)

DEFINES  = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
# Position-independent, since the plugin's shared object takes what it needs of the core's archive.
COMPILE  = $(CC) -std=c17 $(WARNINGS) $(WERROR) $(CPPFLAGS) $(CFLAGS) $(DEFINES) -pthread \
           -fPIC -fvisibility=hidden -I$(INCLUDE) -I$(B)/generated -MMD -MP
LINK     = $(CC) $(CFLAGS) -pthread -o $@ $^ $(LDFLAGS)
INCLUDE  = helper
MANUAL   = $(B)/awstats-cloudfront.1 $(B)/awstats-cloudfront.conf.5 $(B)/awstats-cloudfront-plugin.7
COMPLETION = $(foreach shell,bash zsh fish,$(B)/completion/awstats-cloudfront.$(shell))

CONFIGURATIONS = $(patsubst awstats-conf/%,$(B)/awstats-conf/%,\
                     $(patsubst %.in,%,$(wildcard awstats-conf/*.conf awstats-conf/*.conf.in)))
helper: $(B)/awstats-cloudfront $(MANUAL) $(COMPLETION) $(CONFIGURATIONS)

$(B)/%.o: %.c $(B)/settings | libraries $(B)/generated/version.h
	@mkdir -p $(@D)
	$(COMPILE) $(PC_CFLAGS) -c -o $@ $<

# $(call archive,NAME,OBJECTS)
define archive
$(B)/$(1) $(B)/$(1).files: OBJECTS = $(2)
$(B)/$(1): $(2) $(B)/$(1).files
	@rm -f $$@
	$$(AR) rcs $$@ $$(OBJECTS)
endef

$(eval $(call archive,libcloudfrontlog.a,$(CORE_OBJ)))
$(eval $(call archive,libhelper.a,$(filter-out $(B)/helper/main.o,$(HELPER_OBJ))))

# The program has perl and the plugin in it; XS_OBJECT is the glue between them, which MakeMaker builds.
XS_OBJECT = $(B)/plugin/xs/CloudFront.o
$(XS_OBJECT): $(B)/plugin/.built ;
WITH_PERL = $(B)/libhelper.a $(XS_OBJECT) $(B)/libplugin.a $(B)/libcloudfrontlog.a $(B)/perl-settings
LINK_PERL = $(CC) $(CFLAGS) -pthread -o $@ $(filter %.o %.a,$^) $(LDFLAGS) $(PC_LIBS) $(PERL_LIBS)
$(B)/awstats-cloudfront: $(B)/helper/main.o $(B)/generated/topics.o $(WITH_PERL)
	$(LINK_PERL)

# The configurations for AWStats: LogFormat and the names of columns come from the list of columns.
$(B)/awstats-conf/%.conf: awstats-conf/%.conf.in helper/normalized/columns.def helper/normalized/print-columns
	@mkdir -p $(@D)
	$(PERL) helper/normalized/print-columns configuration $< >$@
$(B)/awstats-conf/%.conf: awstats-conf/%.conf
	@mkdir -p $(@D)
	@cp $< $@

# The lists of commands, options, settings and exit statuses come from the program's own tables, that of
# columns from theirs.  The command help has the text of the manual in itself.
$(B)/print_tables: $(B)/helper/manual/print_tables.o $(B)/libhelper.a $(B)/libcloudfrontlog.a
	$(LINK) $(PC_LIBS)

$(B)/generated/tables: $(B)/print_tables
	@mkdir -p $(@D)
	$(B)/print_tables >$@

$(B)/generated/columns.mdoc: $(COLUMNS)
	@mkdir -p $(@D)
	$(PERL) helper/normalized/print-columns manual >$@

$(MANUAL): $(B)/%: helper/manual/%.in helper/manual/make-page $(wildcard helper/manual/*.mdoc helper/manual/*/*.mdoc) \
           $(B)/generated/tables $(B)/generated/columns.mdoc
	$(PERL) helper/manual/make-page $(B)/generated/tables $(B)/generated/columns.mdoc $< >$@

$(B)/generated/topics.c: helper/manual/make-topics $(MANUAL)
	$(PERL) helper/manual/make-topics c $(MANUAL) >$@

$(B)/generated/topics: helper/manual/make-topics $(MANUAL)
	$(PERL) helper/manual/make-topics names $(MANUAL) >$@

$(B)/generated/topics.o: $(B)/generated/topics.c $(B)/settings
	$(COMPILE) -c -o $@ $<

# ---- completion -----------------------------------------------------------------------------
$(COMPLETION): $(B)/completion/awstats-cloudfront.%: helper/completion/make-completion \
               $(B)/generated/tables $(B)/generated/topics
	@mkdir -p $(@D)
	$(PERL) helper/completion/make-completion $* $(B)/generated/tables $(B)/generated/topics >$@

# ---- the plugin -----------------------------------------------------------------------------
# All C but the glue, CloudFront.xs, is one archive.  MakeMaker builds the glue and links the archive
# to it.  $(B)/plugin is what an installation has: cloudfront.pm, its tables, and its modules in
# cloudfront/.
PLUGIN_DIRS  = feed search tables values awstats loop history dispatch
PLUGIN_SRC  := $(foreach d,$(PLUGIN_DIRS),$(wildcard plugin/$(d)/*.c))
PLUGIN_OBJ   = $(PLUGIN_SRC:%.c=$(B)/%.o)
PLUGIN_PM   := $(sort $(shell find plugin/lib -name '*.pm'))
COLUMNS      = helper/normalized/columns.def helper/normalized/print-columns
GLUE_ARCHIVES = $(B)/libplugin.a $(B)/libcloudfrontlog.a
GLUE_HEADERS := $(wildcard plugin/*/*.h helper/normalized/*.h helper/memory/*.h helper/threads/*.h)
perl_config  = $(shell $(PERL) -MConfig -e 'print qq($(1))' 2>/dev/null)
PERL_CFLAGS  = $(eval PERL_CFLAGS := $$(call perl_config,$$$$Config{ccflags} -isystem $$$$Config{archlibexp}/CORE))$(PERL_CFLAGS)
PERL_LDFLAGS = $(eval PERL_LDFLAGS := $$(call perl_config,$$$$Config{lddlflags}))$(PERL_LDFLAGS)
PERL_LIBS    = $(eval PERL_LIBS := $$(shell $$(PERL) -MExtUtils::Embed -e ldopts 2>/dev/null))$(PERL_LIBS)
PERL_SETTINGS = $(call perl_config,$$^X $$^V $$Config{archname} $$Config{ccflags} $$Config{lddlflags})

EMBEDDED_OBJ = $(filter $(B)/helper/embedded/%,$(HELPER_OBJ))
$(EMBEDDED_OBJ): $(B)/%.o: %.c $(B)/settings $(B)/perl-settings | libraries $(B)/generated/version.h
	@mkdir -p $(@D)
	$(COMPILE) $(PERL_CFLAGS) -c -o $@ $<

$(PLUGIN_OBJ): $(B)/%.o: %.c $(B)/settings $(B)/perl-settings
	@mkdir -p $(@D)
	$(COMPILE) -Iplugin $(PERL_CFLAGS) -c -o $@ $<

$(eval $(call archive,libplugin.a,$(PLUGIN_OBJ)))

# MakeMaker's folder is $(B)/plugin/xs; what it builds goes to $(B)/plugin/cloudfront.
XS = $(abspath $(B)/plugin/xs)
XS_INCLUDED := $(wildcard plugin/xs/*.xs)
define copy_sources
	@mkdir -p $(XS) && cp -p plugin/cloudfront.pm plugin/pop.tsv $(B)/plugin/
	@echo "$(describe)" >$(B)/plugin/version
	@cd plugin && cp -p --parents CloudFront.xs $(XS_INCLUDED:plugin/%=%) Makefile.PL $(PLUGIN_PM:plugin/%=%) $(XS)/
	@ln -sfn . $(B)/plugin/plugins
	@sed "s/^our \$$VERSION = [^;]*;.*/our \$$VERSION = '$$(cat VERSION)';/" plugin/lib/AWStats/CloudFront.pm \
	    >$(XS)/lib/AWStats/CloudFront.pm
	@$(PERL) helper/normalized/print-columns module >$(XS)/lib/AWStats/CloudFront/Columns.pm
endef

plugin: $(B)/plugin/.built
$(XS)/Makefile: plugin/Makefile.PL $(B)/settings $(B)/perl-settings $(B)/glue-settings
	@rm -rf $(B)/plugin/cloudfront $(XS)
	$(copy_sources)
	cd $(XS) && $(PERL) Makefile.PL CC="$(CC)" LD="$(CC)" \
	    OPTIMIZE="$(CPPFLAGS) $(CFLAGS) $(WERROR)" LDDLFLAGS="$(PERL_LDFLAGS) $(LDFLAGS)" \
	    INC="-I$(CURDIR)/plugin -I$(CURDIR)/helper" MYEXTLIB="$(abspath $(GLUE_ARCHIVES))" \
	    INST_LIB=../cloudfront INST_ARCHLIB=../cloudfront >/dev/null

$(B)/plugin/.built: plugin/cloudfront.pm plugin/CloudFront.xs $(XS_INCLUDED) plugin/pop.tsv $(PLUGIN_PM) $(COLUMNS) \
                    $(GLUE_HEADERS) $(GLUE_ARCHIVES) $(XS)/Makefile
	$(copy_sources)
	@$(if $(filter %.h %.def %.xs,$?),rm -f $(XS)/CloudFront.c $(XS)/CloudFront.o)
	$(MAKE) --no-print-directory -C $(XS) >/dev/null
	@touch $@

# ---- tests ----------------------------------------------------------------------------------
# C tests link the core and the helper's modules; each is a program that prints TAP.
$(B)/tests/%: $(B)/tests/c/%.o $(B)/libhelper.a $(B)/libcloudfrontlog.a
	@mkdir -p $(@D)
	$(LINK) $(PC_LIBS)

# One has perl in it, as the program has, and its plugin beside it.
$(B)/tests/update: $(B)/tests/c/update.o $(WITH_PERL)
	@mkdir -p $(@D)
	@ln -sfn ../plugin $(@D)/plugin
	$(LINK_PERL)

# Those of the plugin link what they need of its archive, all of it C without Perl; some also as it is
# on machines without what it makes use of.
PORTABLE_C   = plugin/search/required_word plugin/search/word_search helper/memory/hash helper/normalized/record \
               helper/log/decode
PORTABLE_BIN = $(foreach c,$(PORTABLE_C),$(B)/tests/portable_$(notdir $(c)))
PORTABLE_OBJ = $(PORTABLE_C:%=$(B)/portable/%.o)
PORTABLE     = -U__SSE2__ -U__SIZEOF_INT128__

$(B)/tests/c/plugin_%.o: INCLUDE = helper -Iplugin

$(B)/tests/plugin_%: $(B)/tests/c/plugin_%.o $(B)/libplugin.a $(B)/libcloudfrontlog.a
	@mkdir -p $(@D)
	$(LINK)

$(PORTABLE_OBJ): $(B)/portable/%.o: %.c $(B)/settings
	@mkdir -p $(@D)
	$(COMPILE) -Iplugin $(PORTABLE) -c -o $@ $<

$(foreach c,$(PORTABLE_C),$(eval $(B)/tests/portable_$(notdir $(c)): $(B)/portable/$(c).o))
$(B)/tests/portable_hash: $(B)/tests/c/table.o
$(B)/tests/portable_decode: $(B)/tests/c/decode.o
$(B)/tests/portable_record: $(B)/tests/c/record.o
$(filter-out %_hash %_decode %_record,$(PORTABLE_BIN)): $(B)/tests/portable_%: $(B)/tests/c/plugin_%.o
$(PORTABLE_BIN): $(B)/libcloudfrontlog.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -pthread -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS)

# What the tests write of the normalized log comes from the list of its columns, too.
$(B)/generated/columns_text.h: $(COLUMNS)
	@mkdir -p $(@D)
	$(PERL) helper/normalized/print-columns header >$@
$(TEST_SRC:%.c=$(B)/%.o): $(B)/generated/columns_text.h

# Calls that these tests let fail.
NO_MEMORY   = malloc calloc realloc
SORT_FAULTS = $(NO_MEMORY) pread64 write
$(B)/tests/plugin_tables_memory $(B)/tests/plugin_tables_join $(B)/tests/plugin_old_file: override LDFLAGS += $(NO_MEMORY:%=-Wl,--wrap=%)
$(B)/tests/sort_faults: override LDFLAGS += $(SORT_FAULTS:%=-Wl,--wrap=%)
$(B)/tests/read_at: override LDFLAGS += -Wl,--wrap=pread64

c-tests: $(TEST_BIN)

# The helper's own tests, and those of its parts, run with the sanitizers; those that need AWStats
# run with what would be installed (tests/in-build).  All run side by side.
TESTS_HELPER = $(sort $(wildcard tests/[0-4]*.t))
TESTS_WHOLE  = $(sort $(wildcard tests/[5-9]*.t))
# These call make, which would build anew what was built with other settings: with the sanitizers, or for coverage.
TESTS_OF_MAKE = tests/56_install.t tests/60_documents.t
PROVE        = prove --timer -j $(shell expr $$(nproc) + 2)

# Two tests more than there are processors, since some wait.  Those that take longest begin first, so that none is
# left alone at the end.
LONGEST      = 88% 82% 46_after_bucket% 81% 36% 34_fetch_limits% 60_documents% 80% 73% 76_shards% 19% 86% 85% 63_ledger% 66_batch% 72% \
               60_demo% 84% 63_backup% 79_report.t 61% 75% 77_update.t 41_several% 42_ledger% 33_credentials_machine% 49% 41_same% 39%
first        = $(foreach name,$(LONGEST),$(filter tests/$(name),$(1))) $(filter-out $(LONGEST:%=tests/%),$(1))

# Delays of the network for tests (helper/http/pool.h); `make soak` takes the real ones.  The tests that
# depend on them read them from the environment.
TEST_TIMES = $(if $(SOAK),,HTTP_FIRST_DELAY_MS=10 HTTP_STALL_TIMEOUT_S=6 HTTP_RETRY_AFTER_MAX_S=11 \
             HTTP_SILENCE_MAX_MS=10000 HTTP_OUTAGE_S=3)

# Memory, which the sanitizers take time for (helper/run/read.c), or a test to fill (helper/source/names_size.h); and
# blocks that few objects fill (helper/ledger/pack.c).
TEST_SIZES = $(if $(SOAK),,RUN_ARENAS_MIB=16) SOURCE_NAMES_MIB=28 SOURCE_LIST_MIB=64 PACK_PAGES=1 LOOP_MANY_ROWS=0

# These try most of their cases without the sanitizers, and few with them (tests/c/stride.h).
TESTS_TWICE = $(B)/tests/ledger $(B)/tests/packed $(B)/tests/vacuum $(B)/tests/inflate $(B)/tests/sort_faults $(B)/tests/progress

# A linker that takes a fifth of the time, where there is one, for the many programs of the tests in C.
FAST_LD = $(if $(shell command -v ld.gold),-fuse-ld=gold)

check-build: all check-sanitized awstats-versions $(TESTS_TWICE)
check-sanitized:
	@$(MAKE) --no-print-directory B=$(B)-asan CFLAGS="$(SANITIZE)" \
	    CPPFLAGS="$(CPPFLAGS) $(TEST_TIMES:%=-D%) $(TEST_SIZES:%=-D%)" LDFLAGS="$(FAST_LD) $(LDFLAGS)" all c-tests

# The AWStats of other Debian releases, for tests/88_awstats_versions.t.
awstats-versions:
	@mkdir -p $(B)/awstats && .ci/awstats-versions $(B)/awstats >/dev/null

# Tests of the plugin in which the program runs awstats.pl, with the sanitizers.  Leaks are not looked for: perl
# leaves variables to the environment.  tests/c/update.c looks for leaks.
TESTS_EMBEDDED = tests/64_plugin_streaming.t tests/66_history_folder.t
EMBEDDED       = AWSTATS_EMBEDDED=1 ASAN_OPTIONS=detect_leaks=0 AWSTATS_CLOUDFRONT=$(abspath $(B)-asan)/awstats-cloudfront

check:
	$(call need,check)
	@$(SUBMAKE) WERROR=-Werror check-build
	CHECK_BUILD=$(abspath $(B)) CHECK_SANITIZED=$(abspath $(B)-asan) CHECK_SETTINGS="$(TEST_TIMES) $(TEST_SIZES)" PERL=$(PERL) \
	    AWSTATS_VERSIONS=$(abspath $(B))/awstats tests/with-s3-server $(PROVE) --exec tests/in-build \
	    $(call first,$(TESTS_HELPER) $(TESTS_WHOLE)) $(TESTS_TWICE) $(patsubst $(B)/%,$(B)-asan/%,$(TEST_BIN))
	$(EMBEDDED) $(PROVE) $(TESTS_EMBEDDED)

# The report in a browser, which is large: make check skips this test on a machine without it.
check-browser:
	$(call need,browser)
	@$(SUBMAKE) WERROR=-Werror all
	AWSTATS_CLOUDFRONT=$(abspath $(B))/awstats-cloudfront $(PROVE) tests/79_report_browser.t

# Plans under Slurm, with two nodes on loopback; needs root.  make check skips this test.
check-cluster:
	$(call need,cluster)
	@$(SUBMAKE) WERROR=-Werror all
	CHECK_CLUSTER=$${CHECK_CLUSTER:-1} AWSTATS_CLOUDFRONT=$(abspath $(B))/awstats-cloudfront $(PROVE) tests/79_cluster.t

# Threads that count, with the thread sanitizer.  The program runs awstats.pl, since perl itself is built without it.
check-threads:
	$(call need,check)
	@$(SUBMAKE) B=$(B)-tsan WERROR= CFLAGS="-fsanitize=thread -O1 -g" \
	    CPPFLAGS="$(CPPFLAGS) $(TEST_TIMES:%=-D%) $(TEST_SIZES:%=-D%)" LDFLAGS="$(FAST_LD) $(LDFLAGS)" all $(B)-tsan/tests/channel
	$(B)-tsan/tests/channel >/dev/null
	AWSTATS_EMBEDDED=1 TSAN_OPTIONS=exitcode=66 AWSTATS_CLOUDFRONT=$(abspath $(B)-tsan)/awstats-cloudfront \
	    $(PROVE) tests/83_threads.t

# The same tests with what is too long or too random for a check: they heed SOAK.  Tests of memory in use are run
# without the sanitizers, which keep freed memory for a time.
soak: export SOAK = 1
soak: check check-threads
	AWSTATS_CLOUDFRONT=$(abspath $(B))/awstats-cloudfront tests/with-sanitizer $(PROVE) \
	    $(filter-out $(TESTS_OF_MAKE) tests/61_memory%,$(sort $(wildcard tests/[56]*.t)))
	ASAN_OPTIONS=detect_leaks=0 AWSTATS_CLOUDFRONT=$(abspath $(B)-asan)/awstats-cloudfront $(PROVE) \
	    tests/77_update.t tests/77_update_limits.t tests/79_report.t
	$(call need,lint)
	@$(SUBMAKE) -k -O TIDY_STATES=225000 lint-tidy

# Which lines of C the tests run, with delays and sizes as in the sanitized build of make check.  Tests that kill programs
# or take long add nothing but time.  gcov adds to files that all users of the tests may write; where a test lets nobody
# write, gcov says so in the file "errors".
COVERAGE_LESS  = $(TESTS_OF_MAKE) $(wildcard tests/43*.t tests/48_concurrency.t tests/54*.t tests/61*.t \
                 tests/74_merge_memory.t tests/74_recipe*.t tests/8[01268]*.t)
COVERAGE_TESTS = $(filter-out $(COVERAGE_LESS),$(TESTS_HELPER) $(TESTS_WHOLE))
COVERAGE       = $(abspath $(B)-coverage)
# How much the tests do that compare random or large logs.
COVERAGE_SIZES = EQUAL_RECORDS=20000 RANDOM_ROUNDS=4 SAVES_SEEDS=3 HISTORY_SEEDS=12 MERGE_ROUNDS=1
coverage:
	$(call need,coverage)
	@mkdir -p $(COVERAGE)
	@$(CC) -c -o $(COVERAGE)/exit.o tests/coverage/exit.c
	@$(SUBMAKE) B=$(B)-coverage CFLAGS="-O0 -g --coverage" \
	    CPPFLAGS="$(CPPFLAGS) $(TEST_TIMES:%=-D%) $(TEST_SIZES:%=-D%)" \
	    LDFLAGS="--coverage -Wl,--wrap=_exit $(COVERAGE)/exit.o" all c-tests
	@cd $(COVERAGE) && : >errors && find . -name '*.gcda' -exec rm {} + && find . -name '*.gcno' | sed 's/gcno$$/gcda/' | \
	    xargs touch && find . -name '*.gcda' -exec chmod a+w errors {} +
	-CHECK_BUILD=$(COVERAGE) CHECK_SANITIZED=$(COVERAGE) CHECK_SETTINGS="$(TEST_TIMES) $(TEST_SIZES)" PERL=$(PERL) \
	    GCOV_ERROR_FILE=$(COVERAGE)/errors $(COVERAGE_SIZES) tests/with-s3-server $(PROVE) -Q --exec tests/in-build \
	    $(patsubst $(B)/%,$(B)-coverage/%,$(TEST_BIN)) $(call first,$(COVERAGE_TESTS))
	@.ci/coverage $(B)-coverage

# A copy of the tree in a Debian 13 of its own, below the build folder.
check-debian13:
	.ci/in-debian trixie $(B)/debian13 'make demo' 'make check' 'make lint' 'make fuzz SECONDS=20'

# ---- lint -----------------------------------------------------------------------------------
# Each part is a target of its own, so that they run side by side and all say what they find.  Those that are one long
# program come first, and the many of clang-tidy fill in beside them.
PERL_SCRIPTS := $(wildcard tests/*.t) tests/generate-logs tests/demo/demo tests/bench/run tests/differential \
                tests/differential-mutants tests/powercut/needed-syncs tests/with-s3-server tests/with-sanitizer .ci/coverage .ci/designs .ci/layers helper/normalized/print-columns \
                helper/manual/make-page helper/manual/make-topics helper/completion/make-completion plugin/Makefile.PL \
                packaging/changelog $(wildcard tests/packages/*.t)
PERL_MODULES := $(PLUGIN_PM) $(wildcard tests/lib/*.pm tests/bench/*.pm)
# What of them cannot be compiled alone: it is part of awstats.pl, or runs at once.
PERL_COMPILED = $(filter-out plugin/Makefile.PL,$(PERL_SCRIPTS)) $(PERL_MODULES) plugin/cloudfront.pm
# Those without an ending are scripts.
CONTRIB      := $(sort $(wildcard contrib/*.* contrib/*/*))
SHELL_FILES  := $(filter-out .ci/coverage .ci/designs .ci/layers,$(wildcard .ci/*)) packaging/source-archive packaging/deb \
                packaging/rpm/build debian/postinst debian/prerm debian/postrm tests/in-build tests/fuzz/run \
                $(foreach file,$(CONTRIB),$(if $(suffix $(file)),,$(file)))
C_SOURCES     = $(filter %.c,$(C_FILES))
LINT_PARTS    = cppcheck critic perltidy perl tidy layers designs sizes format manual shell spelling python symbols units

lint:
	$(call need,lint)
	@$(SUBMAKE) WERROR=-Werror all $(B)/generated/columns_text.h
	@$(SUBMAKE) -k -O $(LINT_PARTS:%=lint-%)

# Other versions of clang-format break lines and align comments otherwise.
CLANG_FORMAT_VERSION = 14
lint-format:
	@if clang-format --version | grep -q 'version $(CLANG_FORMAT_VERSION)\.'; then \
	    echo clang-format; clang-format --dry-run -Werror $(C_FILES); \
	else echo "clang-format: skipped: it is not version $(CLANG_FORMAT_VERSION), which formats these files"; fi
	@! grep -nP '\t' $(C_FILES) || { echo "make: a TAB in a C file" >&2; exit 1; }

# clang-tidy takes longest; a file is looked at again when it, a header or the checks changed.  The analyzer follows the
# paths through a function up to so many states.  Clang's default is 225000, which `make soak` takes.
TIDY_STATES ?= 10000
TIDY = $(B)/tidy-$(TIDY_STATES)
TIDY_FLAGS = -std=c17 $(DEFINES) -Ihelper -Iplugin -I$(B)/generated $(PC_CFLAGS) $(PERL_CFLAGS) \
             -Xclang -analyzer-config -Xclang max-nodes=$(TIDY_STATES)
lint-tidy: $(C_SOURCES:%.c=$(TIDY)/%)
$(TIDY)/%: %.c .clang-tidy tests/.clang-tidy $(filter %.h %.def,$(C_FILES) $(COLUMNS))
	@mkdir -p $(@D)
	@clang-tidy --quiet $< -- $(TIDY_FLAGS) 2>$@.log || { cat $@.log; exit 1; }
	@touch $@

# uninitvar, ctuuninitvar: gcc and clang say it better; cppcheck 2.17 does not see that a call fills an array which
# another argument of the same call names.  Tests may run out of memory.  The plugin's C needs the macros
# of perl that are parts of texts.
CPPCHECK = cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --enable=warning,performance,portability \
           --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --suppress=uninitvar --suppress=ctuuninitvar \
           --suppress='nullPointerOutOfMemory:tests/*' --suppress='nullPointerOutOfResources:tests/*' \
           --suppress='nullPointerArithmeticOutOfMemory:tests/*' \
           --suppress='nullPointerArithmeticRedundantCheck:tests/*' -D_GNU_SOURCE -D'SVf="p"' -D'UVuf="lu"' -D'IVdf="ld"' \
           -Ihelper -Iplugin -I$(B)/generated
lint-cppcheck:
	$(CPPCHECK) $(C_SOURCES)

lint-manual:
	mandoc -Tlint -W warning $(MANUAL)

lint-perl:
	@printf '%s\n' $(PERL_COMPILED) | AWSTATS_CLOUDFRONT=$(abspath $(B))/awstats-cloudfront xargs -I{} sh -c \
	    '$(PERL) -Itests/lib -Itests/bench -I$(B)/plugin/cloudfront -wc {} 2>&1 | \
	    grep -v "syntax OK$$\|used only once" >&2 && exit 255; exit 0'

lint-critic:
	perlcritic --profile .perlcriticrc --quiet $(PERL_SCRIPTS) $(PERL_MODULES)

# Other versions of perltidy break lines otherwise.
PERLTIDY_VERSION = 20220613
# One perltidy formats copies of all files: to start takes it longer than to format one.
lint-perltidy:
	@perltidy --version | grep -q '$(PERLTIDY_VERSION)' || { \
	    echo "perltidy: skipped: it is not version $(PERLTIDY_VERSION), which formats these files"; exit 0; }; \
	rm -rf $(B)/perltidy; mkdir -p $(B)/perltidy && cp --parents $(PERL_SCRIPTS) $(PERL_MODULES) $(B)/perltidy && \
	(cd $(B)/perltidy && perltidy --profile=$(CURDIR)/.perltidyrc -b -bext=/ $(PERL_SCRIPTS) $(PERL_MODULES)) || exit 1; \
	failed=0; for f in $(PERL_SCRIPTS) $(PERL_MODULES); do \
	    cmp -s $(B)/perltidy/$$f $$f || { echo "perltidy: $$f is not tidy: make tidy"; failed=1; }; \
	done; exit $$failed

# Formats all C and Perl as make lint wants it.
tidy:
	clang-format -i $(C_FILES)
	perltidy --profile=.perltidyrc -b -bext=/ $(PERL_SCRIPTS) $(PERL_MODULES)

lint-shell:
	shellcheck $(SHELL_FILES)

lint-spelling:
	codespell .

lint-python:
	@python3 -c 'import ast, sys; [ast.parse(open(path).read(), path) for path in sys.argv[1:]]' \
	    tests/s3-server tests/aws-services tests/aws-identity tests/aws-signatures tests/powercut/disk tests/powercut/states.py

lint-layers:
	.ci/layers

lint-designs:
	.ci/designs

lint-sizes:
	@awk 'FNR == 501 { print FILENAME ": more than 500 lines: divide it by concern"; failed = 1 } \
	    END { exit failed }' $(C_FILES) $(PERL_SCRIPTS) $(PERL_MODULES) $(SHELL_FILES) plugin/*.xs plugin/*/*.xs

lint-symbols:
	.ci/symbols $(B)

lint-units:
	.ci/units $(B)

demo:
	$(call need,demo)
	@$(SUBMAKE) all
	@AWSTATS_CLOUDFRONT=$(abspath $(B))/awstats-cloudfront perl tests/demo/demo $(B)/demo

bench:
	$(call need,bench)
	@$(SUBMAKE) all
	@tests/bench/run $(B)

# Coverage-guided fuzzing, with clang's libFuzzer or with AFL++: make fuzz SECONDS=60 FUZZ="reader feed"
SECONDS ?= 60
FUZZ_BIN = $(FUZZ:%=$(B)/fuzz/%)
FUZZ_SANITIZE = -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
fuzz:
	$(call need,fuzz)
	@$(SUBMAKE) B=$(B)-fuzz CC=clang CFLAGS="$(FUZZ_SANITIZE) -fsanitize=fuzzer-no-link" fuzz-build
	@tests/fuzz/run libfuzzer $(B)-fuzz $(SECONDS) $(FUZZ)
fuzz-afl:
	$(call need,afl)
	@AFL_QUIET=1 $(SUBMAKE) B=$(B)-afl CC=afl-clang-fast CFLAGS="$(FUZZ_SANITIZE)" fuzz-build
	@tests/fuzz/run afl $(B)-afl $(SECONDS) $(FUZZ)

fuzz-build: $(FUZZ_BIN)
$(B)/tests/fuzz/%.o: INCLUDE = helper -Iplugin
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libplugin.a $(B)/libhelper.a $(B)/libcloudfrontlog.a
	@mkdir -p $(@D)
	$(LINK) -fsanitize=fuzzer $(PC_LIBS)
$(B)/fuzz/required_word $(B)/tests/fuzz_required_word: PC_LIBS += -lpcre2-8
$(B)/tests/replay_%.o: tests/fuzz/replay/replay.c $(B)/settings
	@mkdir -p $(@D)
	$(COMPILE) -DFUZZ_TARGET='"$*"' -c -o $@ $<
$(REPLAY_BIN): $(B)/tests/fuzz_%: $(B)/tests/fuzz/%.o $(B)/tests/replay_%.o $(B)/libplugin.a $(B)/libhelper.a \
                                  $(B)/libcloudfrontlog.a
	$(LINK) $(PC_LIBS)

# AWStats with the plugin beside AWStats without it, over logs and settings never seen before:
# make differential SECONDS=600
differential:
	$(call need,check)
	@$(SUBMAKE) all
	@AWSTATS_CLOUDFRONT=$(abspath $(B))/awstats-cloudfront \
	    tests/differential --seconds $(SECONDS) --keep $(B)/differential

# ---- installing -----------------------------------------------------------------------------
# The plugin is in a folder of the program's own; AWStats finds it by a link in its plugins folder
# (AWSTATS_PLUGINS; empty: no link).  PLUGIN_MODULES is another folder for its modules, one that perl searches.
AWSTATS_PLUGINS ?= /usr/share/awstats/plugins
PLUGIN_MODULES  ?= $(PLUGIN)/cloudfront
UNITS           ?= $(PREFIX)/lib/systemd/system
DOC             ?= $(PREFIX)/share/doc/awstats-cloudfront
ZSH_FUNCTIONS   ?= $(PREFIX)/share/zsh/site-functions
UPDATE_USER     ?= www-data
SHARED           = $(PREFIX)/share/awstats-cloudfront
PLUGIN           = $(PREFIX)/lib/awstats-cloudfront/plugins

# All that is installed: MODE|SOURCE|FILE.  The mode "text" is 644, for a file in which our paths below
# /usr/local/ and the user www-data become those of the installation; "link" makes FILE a symbolic link to SOURCE.
INSTALLED_HELPER = 755|$(B)/awstats-cloudfront|$(PREFIX)/bin/awstats-cloudfront \
    $(foreach page,$(MANUAL),text|$(page)|$(PREFIX)/share/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page))) \
    644|helper/manual/cloudfront.conf.5|$(PREFIX)/share/man/man5/cloudfront.conf.5 \
    644|$(B)/completion/awstats-cloudfront.bash|$(PREFIX)/share/bash-completion/completions/awstats-cloudfront \
    644|$(B)/completion/awstats-cloudfront.zsh|$(ZSH_FUNCTIONS)/_awstats-cloudfront \
    644|$(B)/completion/awstats-cloudfront.fish|$(PREFIX)/share/fish/vendor_completions.d/awstats-cloudfront.fish \
    $(foreach file,$(CONFIGURATIONS),text|$(file)|$(SHARED)/$(notdir $(file))) \
    $(foreach unit,service timer,text|packaging/systemd/awstats-cloudfront@.$(unit)|$(UNITS)/awstats-cloudfront@.$(unit)) \
    text|packaging/systemd/awstats-cloudfront-failed@.service|$(DOC)/examples/awstats-cloudfront-failed@.service \
    text|packaging/cron/awstats-cloudfront|$(DOC)/examples/awstats-cloudfront.cron \
    $(foreach file,$(CONTRIB),$(if $(suffix $(file)),644,755)|$(file)|$(SHARED)/$(file))
PLUGIN_INSTALLED = $(PLUGIN_PM:plugin/lib/%=%) AWStats/CloudFront/Columns.pm
INSTALLED_PLUGIN = $(foreach file,cloudfront.pm pop.tsv version,644|$(B)/plugin/$(file)|$(PLUGIN)/$(file)) \
    $(foreach file,$(PLUGIN_INSTALLED) auto/AWStats/CloudFront/CloudFront.so,\
        644|$(B)/plugin/cloudfront/$(file)|$(PLUGIN_MODULES)/$(file)) \
    $(if $(AWSTATS_PLUGINS),link|$(PLUGIN)/cloudfront.pm|$(AWSTATS_PLUGINS)/cloudfront.pm)

own_paths = s,/usr/local/\(bin\|lib\|share\|share/doc\)/awstats-cloudfront,$(PREFIX)/\1/awstats-cloudfront,g

# $(call install,ENTRIES)
define install
	@set -e; for entry in $(patsubst %,'%',$(1)); do \
	    mode=$${entry%%|*} file=$${entry##*|}; source=$${entry#*|}; source=$${source%|*}; \
	    echo "$$file"; file=$(DESTDIR)$$file; \
	    case $$mode in \
	    link) install -d "$${file%/*}"; rm -f "$$file"; ln -s -r "$(DESTDIR)$$source" "$$file" ;; \
	    text) install -D -m 644 "$$source" "$$file"; \
	          sed '$(own_paths); s|www-data|$(UPDATE_USER)|g' "$$source" >"$$file" ;; \
	    *) install -D -m "$$mode" "$$source" "$$file" ;; \
	    esac; \
	done
endef

install: install-helper install-plugin

install-helper: helper
	$(call install,$(INSTALLED_HELPER))

# An object that was built for another perl would make AWStats fail, once it is installed.
install-plugin: plugin
	@$(PERL) -I$(B)/plugin/cloudfront -MAWStats::CloudFront -e 1 || { \
	    echo "make: the plugin in $(B) does not load in $(PERL): run make clean, and build again" >&2; exit 1; }
	$(call install,$(INSTALLED_PLUGIN))

# Folders that no other package has; version 0.1 had the modules in AWStats' plugins folder.
OWN_FOLDERS = $(SHARED) $(PREFIX)/lib/awstats-cloudfront $(DOC) $(addprefix $(PLUGIN_MODULES)/,AWStats auto/AWStats) \
    $(AWSTATS_PLUGINS:%=%/cloudfront)
uninstall:
	@for entry in $(patsubst %,'%',$(INSTALLED_HELPER) $(INSTALLED_PLUGIN)); do rm -f "$(DESTDIR)$${entry##*|}"; done
	@$(if $(AWSTATS_PLUGINS),[ ! -e "$(DESTDIR)$(AWSTATS_PLUGINS)/cloudfront/AWStats/CloudFront.pm" ] || \
	    rm -r "$(DESTDIR)$(AWSTATS_PLUGINS)/cloudfront")
	@for folder in $(OWN_FOLDERS); do \
	    [ ! -d "$(DESTDIR)$$folder" ] || find "$(DESTDIR)$$folder" -depth -type d -empty -delete; done

# ---- packages -------------------------------------------------------------------------------
# The version, 0.1+12.g5437287 for 0.1-12-g5437287, and the time of the last commit, or that of an unpacked archive.
PACKAGE_VERSION = $(shell echo '$(describe)' | sed 's/-\([0-9]*\)-g/+\1.g/')
PACKAGE_TIME    = $(shell { test -e .git && git log -1 --format=%ct 2>/dev/null; } || stat -c %Y VERSION)
# Who answers for the packages: NAME <ADDRESS>.
MAINTAINER     ?= $(shell sed -n 's/^Maintainer: //p' debian/control)
deb:
	$(call need,deb)
	@packaging/deb $(PACKAGE_VERSION) $(PACKAGE_TIME) $(B)/packages $(call quote,$(MAINTAINER))

rpm:
	$(call need,rpm)
	@packaging/rpm/build $(PACKAGE_VERSION) $(PACKAGE_TIME) $(B)/packages $(call quote,$(MAINTAINER))

# Builds the package in a Debian of its own, and installs, upgrades, removes and purges it in another.
check-deb:
	.ci/check-deb bookworm $(B)/check-deb
	.ci/check-deb trixie $(B)/check-deb

help:
	@echo "make            build the helper and the plugin into $(B)/"
	@echo "make demo       build, and make a report of the sample logs"
	@echo "make check      build, and run all tests"
	@echo "make check-browser  open every page of a report in Chromium, which this target installs"
	@echo "make check-cluster  plans under Slurm, with two nodes on loopback; needs root"
	@echo "make check-threads  threads that count, with the thread sanitizer"
	@echo "make soak       the same tests with more seeds, sizes and time than make check has"
	@echo "make coverage   how many lines of C the tests run; the others: $(B)-coverage/uncovered"
	@echo "make check-debian13  demo, check, lint and fuzz in a Debian 13 below $(B)/; needs root and debootstrap"
	@echo "make lint       format, warnings, static analysis, spelling"
	@echo "make tidy       format the sources as make lint wants them"
	@echo "make bench      measure, beside stock tools"
	@echo "make fuzz       fuzz the parsers with libFuzzer: SECONDS=60 each, FUZZ=\"$(FUZZ)\""
	@echo "make fuzz-afl   the same with AFL++"
	@echo "make differential  compare AWStats with and without the plugin; SECONDS=60"
	@echo "make deps       install the packages that FOR=\"$(FOR)\" need"
	@echo "make install    PREFIX=$(PREFIX) AWSTATS_PLUGINS=$(AWSTATS_PLUGINS)"
	@echo "make uninstall  remove what was installed"
	@echo "make deb        build the Debian package into $(B)/packages"
	@echo "make rpm        build the RPM package into $(B)/packages"
	@echo "make check-deb  build and try the Debian package in Debian 12 and 13; needs root and debootstrap"
	@echo "make clean      remove what was built"
	@echo
	@echo "demo, the checks, soak, coverage, lint, bench, fuzz, differential, deb and rpm first install the Debian packages"
	@echo "that they miss, as root or with sudo.  With DEPS=no they install nothing and only name these packages."

clean:
	rm -rf $(B) $(B)-asan $(B)-fuzz $(B)-afl $(B)-coverage

-include $(CORE_OBJ:.o=.d) $(HELPER_OBJ:.o=.d) $(B)/helper/manual/print_tables.d $(TEST_SRC:%.c=$(B)/%.d) \
    $(PLUGIN_OBJ:.o=.d) $(PORTABLE_OBJ:.o=.d) $(FUZZ:%=$(B)/tests/fuzz/%.d)
