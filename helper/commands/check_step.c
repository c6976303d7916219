#include "commands/check_step.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/missing.h"
#include "log/probe.h"
#include "memory/allocate.h"
#include "text/buffer.h"
#include "text/plain.h"

static void print_line(const char *word, const char *step, const char *format, va_list arguments)
{
    struct buffer text = {0};
    buffer_vprintf(&text, format, arguments);
    printf("%-4s  %s: ", word, step);
    plain_print(text.data, "");
    putchar('\n');
    fflush(stdout);
    buffer_free(&text);
}

void check_step(struct check *check, bool ok, const char *step, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(ok ? "ok" : "FAIL", step, format, arguments);
    va_end(arguments);
    check->failed |= !ok;
}

void check_warn(const char *step, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line("warn", step, format, arguments);
    va_end(arguments);
}

void check_say(const char *word, const char *step, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(word, step, format, arguments);
    va_end(arguments);
}

static void warn_of_missing(struct check *check, const struct site *site, const char *name,
                            unsigned missing)
{
    for (int i = 0; i < MISSING_COUNT; i++)
        if ((missing & ~check->missing) >> i & 1)
            check_warn("columns", "%s has no column %s: %s; %s", name,
                       missing_column((enum missing)i), missing_effect((enum missing)i),
                       missing_advice(site->fields));
    check->missing |= missing;
}

/* Prints the kind of a log, unless an earlier log had the same kind. */
static void print_kind(struct check *check, const char *kind)
{
    struct buffer line = {0};
    buffer_printf(&line, "\n%s\n", kind);
    if (!check->kinds.size)
        buffer_add_text(&check->kinds, "\n");
    if (!strstr(check->kinds.data, line.data)) {
        check_step(check, true, "log", "%s", kind);
        buffer_printf(&check->kinds, "%s\n", kind);
    }
    buffer_free(&line);
}

void check_log(struct check *check, const struct site *site, const char *name, const void *data,
               size_t size, bool is_whole)
{
    struct buffer text = {0};
    const struct reader_options options = site_reader_options(site);
    struct probe *probe = probe_new(&options);
    if (!probe)
        memory_exhausted();
    probe_begin(probe);
    if (size)
        probe_add(probe, data, size);
    enum probe_result result = probe_end(probe, is_whole, &text);
    if (result != PROBE_READ) {
        check_step(check, result == PROBE_FOREIGN, "log", "%s: %s%s", name,
                   result == PROBE_FOREIGN ? "is passed over: " : "", text.data);
    } else {
        print_kind(check, text.data);
        check_hosts_add(&check->hosts, site, data, size);
    }
    warn_of_missing(check, site, name, probe_missing(probe));
    probe_free(probe);
    buffer_free(&text);
}

void check_forget_logs(struct check *check)
{
    buffer_free(&check->kinds);
    check->missing = 0;
    check_hosts_free(&check->hosts);
}
