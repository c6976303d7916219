#include "text/message.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "files/write_all.h"
#include "memory/allocate.h"
#include "text/buffer.h"
#include "text/plain.h"

#define ERASE "\r\033[K"

static enum message_level level = MESSAGE_NORMAL;
static int descriptor = STDERR_FILENO;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool progress_is_shown;
static bool terminal_is_shared; /* another process may show progress */

void message_set_level(enum message_level new_level)
{
    level = new_level;
}

void message_set_descriptor(int fd)
{
    descriptor = fd;
}

enum message_level message_get_level(void)
{
    return level;
}

bool message_is_quiet(void)
{
    return level < MESSAGE_NORMAL;
}

/* Adds the text, with \xHH for control characters and invalid UTF-8. */
static void add_escaped(struct buffer *line, const char *format, va_list arguments)
{
    struct buffer text = {0};
    buffer_vprintf(&text, format, arguments);
    plain_add(line, text.data, "");
    buffer_free(&text);
}

/* Erases the line of progress and writes TEXT, in one write().  Ignores errors, which nobody could
 * see. */
static void put(const char *text, size_t size)
{
    struct buffer line = {0};
    pthread_mutex_lock(&lock);
    if (progress_is_shown || terminal_is_shared)
        buffer_add_text(&line, ERASE);
    buffer_add(&line, text, size);
    write_all(descriptor, line.data, line.size);
    progress_is_shown = false;
    pthread_mutex_unlock(&lock);
    buffer_free(&line);
}

static void print_line(const char *kind, const char *format, va_list arguments)
{
    struct buffer line = {0};
    buffer_printf(&line, "awstats-cloudfront: %s", kind);
    add_escaped(&line, format, arguments);
    buffer_add_text(&line, "\n");
    put(line.data, line.size);
    buffer_free(&line);
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

void message_result(const char *format, ...)
{
    struct buffer line = {0};
    va_list arguments;
    if (level < MESSAGE_NORMAL)
        return;
    fflush(stdout); /* so that the line is one write() */
    pthread_mutex_lock(&lock);
    if ((progress_is_shown || terminal_is_shared) && isatty(fileno(stdout)))
        buffer_add_text(&line, ERASE);
    va_start(arguments, format);
    add_escaped(&line, format, arguments);
    va_end(arguments);
    buffer_add_text(&line, "\n");
    fwrite(line.data, 1, line.size, stdout);
    fflush(stdout);
    pthread_mutex_unlock(&lock);
    buffer_free(&line);
}

void message_put_line(const char *text, size_t size)
{
    put(text, size);
}

void message_show_progress(const char *text, size_t size)
{
    struct buffer line = {0};
    pthread_mutex_lock(&lock);
    buffer_add_text(&line, ERASE);
    buffer_add(&line, text, size);
    write_all(descriptor, line.data, line.size);
    progress_is_shown = true;
    pthread_mutex_unlock(&lock);
    buffer_free(&line);
}

void message_erase_progress(void)
{
    pthread_mutex_lock(&lock);
    if (progress_is_shown)
        write_all(descriptor, ERASE, sizeof ERASE - 1);
    progress_is_shown = false;
    pthread_mutex_unlock(&lock);
}

void message_share_terminal(void)
{
    terminal_is_shared = true;
    progress_is_shown = false;
}

void message_lock(void)
{
    pthread_mutex_lock(&lock);
}

void message_unlock(void)
{
    pthread_mutex_unlock(&lock);
}
