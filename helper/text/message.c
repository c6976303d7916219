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
#include "text/plain.h"

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

/* Prints the text with control characters and invalid UTF-8 made visible. */
static void print_escaped(const char *format, va_list arguments)
{
    char *text;
    if (vasprintf(&text, format, arguments) < 0)
        memory_exhausted();
    for (const char *p = text; *p;) {
        size_t size = plain_size(p);
        if (size)
            fwrite(p, 1, size, stderr);
        else
            fprintf(stderr, "\\x%02x", (unsigned char)*p);
        p += size ? size : 1;
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
