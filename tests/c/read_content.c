/* text/read_content: files of any size, from any place, a pipe, and a file that cannot be read. */
#include "text/read_content.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "files/temporary.h"
#include "files/write_all.h"
#include "tap.h"

/* Reads a file of SIZE bytes, which is open at its end, behind a text that the buffer has already. */
static void check_size(size_t size)
{
    struct buffer bytes = {0}, content = {0};
    int fd = temporary_open(temporary_directory());
    for (size_t i = 0; i < size; i++)
        buffer_add(&bytes, &(char){(char)('a' + i % 26)}, 1);
    buffer_add_text(&content, "before");
    bool done = fd >= 0 && write_all(fd, bytes.data, bytes.size) && read_content(&content, fd);
    ok(done && content.size == 6 + size && !memcmp(content.data, "before", 6) &&
           (!size || !memcmp(content.data + 6, bytes.data, size)) && !content.data[content.size],
       "%zu bytes", size);
    if (fd >= 0)
        close(fd);
    buffer_free(&bytes);
    buffer_free(&content);
}

int main(void)
{
    struct buffer content = {0};
    static const size_t sizes[] = {0, 1, 64 * 1024 - 1, 64 * 1024, 300 * 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_size(sizes[i]);

    int ends[2], folder = open("/", O_RDONLY | O_DIRECTORY);
    bool is_written = pipe(ends) == 0 && write_all(ends[1], "text", 4) && close(ends[1]) == 0;
    ok(is_written && read_content(&content, ends[0]) && !strcmp(content.data, "text"), "a pipe");
    buffer_clear(&content);
    ok(!read_content(&content, folder) && errno == EISDIR && !strcmp(content.data, ""), "a folder");
    close(ends[0]);
    close(folder);
    buffer_free(&content);
    return done_testing();
}
