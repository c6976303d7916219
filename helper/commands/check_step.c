#include "commands/check_step.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "log/probe.h"
#include "memory/allocate.h"
#include "text/buffer.h"

void check_step(struct check *check, bool ok, const char *step, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (size < 0)
        memory_exhausted();
    printf("%-4s  %s: ", ok ? "ok" : "FAIL", step);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        printf(*p < 0x20 || *p == 0x7f ? "\\x%02x" : "%c", *p);
    putchar('\n');
    fflush(stdout);
    free(text);
    check->failed |= !ok;
}

void check_log(struct check *check, const struct site *site, const char *name, const void *data,
               size_t size, bool is_whole)
{
    struct buffer text = {0};
    struct probe *probe = probe_new(site_reader_kinds(site));
    if (!probe)
        memory_exhausted();
    probe_begin(probe);
    if (size)
        probe_add(probe, data, size);
    if (probe_end(probe, is_whole, &text))
        check_step(check, true, "log", "%s", text.data);
    else
        check_step(check, false, "log", "%s: %s", name, text.data);
    probe_free(probe);
    buffer_free(&text);
}
