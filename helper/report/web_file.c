#include "report/web_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/write_all.h"
#include "text/read_content.h"

bool web_file_read(int folder, const char *name, struct buffer *text)
{
    int fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = read_content(text, fd);
    int number = errno;
    close(fd);
    errno = number;
    return done;
}

/* Returns the hidden name that a file has until it is complete. */
static const char *hidden(struct buffer *out, const char *name)
{
    buffer_printf(out, ".%s.new", name);
    return out->data;
}

bool web_file_is_unfinished(const char *name)
{
    size_t size = strlen(name);
    return *name == '.' && size > 5 && !strcmp(name + size - 4, ".new");
}

bool web_file_prepare(int folder, const char *name, const struct buffer *text)
{
    struct buffer other = {0};
    unlinkat(folder, hidden(&other, name), 0);
    int fd = openat(folder, other.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool done = fd >= 0 && write_all(fd, text->data, text->size);
    int number = errno;
    if (fd >= 0 && close(fd) < 0 && done) {
        done = false;
        number = errno;
    }
    if (!done && fd >= 0)
        unlinkat(folder, other.data, 0);
    buffer_free(&other);
    errno = number;
    return done;
}

bool web_file_show(int folder, const char *name)
{
    struct buffer other = {0};
    bool done = renameat(folder, hidden(&other, name), folder, name) == 0;
    buffer_free(&other);
    return done;
}

void web_file_forget(int folder, const char *name)
{
    struct buffer other = {0};
    unlinkat(folder, hidden(&other, name), 0);
    buffer_free(&other);
}

bool web_file_replace(int folder, const char *name, const struct buffer *text)
{
    if (!web_file_prepare(folder, name, text))
        return false;
    bool done = web_file_show(folder, name);
    int number = errno;
    if (!done)
        web_file_forget(folder, name);
    errno = number;
    return done;
}

int web_folder_open(int folder, const char *name)
{
    if (mkdirat(folder, name, 0755) < 0 && errno != EEXIST)
        return -1;
    return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool web_folder_lock(int folder)
{
    int status;
    while ((status = flock(folder, LOCK_EX)) < 0 && errno == EINTR) {
    }
    return status == 0;
}

void web_folder_unlock(int folder)
{
    flock(folder, LOCK_UN);
}
