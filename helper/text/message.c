#include "text/message.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "memory/allocate.h"

static enum message_level level = MESSAGE_NORMAL;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool progress_shown;
static int64_t progress_at; /* milliseconds of the last rewrite */

void message_set_level(enum message_level new_level)
{
    level = new_level;
}

static void erase_progress(void)
{
    if (progress_shown)
        fputs("\r\033[K", stderr);
    progress_shown = false;
}

/* Returns the size of the control character at S, or 0 if it is none: C0 and DEL, or C1 in UTF-8,
 * which some terminals obey too. */
static int control_size(const unsigned char *s)
{
    if (*s < 0x20 || *s == 0x7f)
        return 1;
    return s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0 ? 2 : 0;
}

/* Prints the text with control characters made visible. */
static void print_escaped(const char *format, va_list arguments)
{
    char *text;
    if (vasprintf(&text, format, arguments) < 0)
        memory_exhausted();
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        int size = control_size(p);
        if (!size)
            fputc(*p++, stderr);
        for (; size; size--)
            fprintf(stderr, "\\x%02x", *p++);
    }
    free(text);
}

static void print_line(const char *kind, const char *format, va_list arguments)
{
    pthread_mutex_lock(&lock);
    erase_progress();
    fprintf(stderr, "awstats-cloudfront: %s", kind);
    print_escaped(format, arguments);
    fputc('\n', stderr);
    fflush(stderr);
    pthread_mutex_unlock(&lock);
}

void message_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}

void message_warning(const char *format, ...)
{
    if (level < MESSAGE_NORMAL)
        return;
    va_list arguments;
    va_start(arguments, format);
    print_line("warning: ", format, arguments);
    va_end(arguments);
}

void message_note(const char *format, ...)
{
    if (level < MESSAGE_NORMAL)
        return;
    va_list arguments;
    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}

void message_verbose(const char *format, ...)
{
    if (level < MESSAGE_VERBOSE)
        return;
    va_list arguments;
    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}

void message_progress(const char *format, ...)
{
    if (level < MESSAGE_NORMAL || !isatty(STDERR_FILENO))
        return;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    pthread_mutex_lock(&lock);
    if (now_ms - progress_at >= 100) {
        va_list arguments;
        erase_progress();
        va_start(arguments, format);
        print_escaped(format, arguments);
        va_end(arguments);
        fflush(stderr);
        progress_shown = true;
        progress_at = now_ms;
    }
    pthread_mutex_unlock(&lock);
}

void message_progress_end(void)
{
    pthread_mutex_lock(&lock);
    erase_progress();
    fflush(stderr);
    pthread_mutex_unlock(&lock);
}
