#include "config/real_path.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "text/buffer.h"

/* Adds a name to the folder PATH, which is "" for the root, and follows symbolic links. */
static void add_name(struct buffer *path, const char *name, size_t size)
{
    if (size == 0 || (size == 1 && *name == '.'))
        return;
    if (size == 2 && !memcmp(name, "..", 2)) {
        const char *slash = strrchr(path->data, '/');
        path->size = slash ? (size_t)(slash - path->data) : 0;
        path->data[path->size] = '\0';
        return;
    }
    buffer_add_text(path, "/");
    buffer_add(path, name, size);
    char *real = realpath(path->data, NULL);
    if (real) {
        buffer_clear(path);
        buffer_add_text(path, strcmp(real, "/") ? real : "");
    }
    free(real);
}

char *real_path(const char *path)
{
    char *real = realpath(path, NULL), *folder = *path == '/' ? NULL : realpath(".", NULL);
    struct buffer text = {0};
    if (real) {
        free(folder);
        return real;
    }
    buffer_add_text(&text, folder && strcmp(folder, "/") ? folder : "");
    for (size_t size; *path; path += size + (path[size] == '/')) {
        size = strcspn(path, "/");
        add_name(&text, path, size);
    }
    if (!text.size)
        buffer_add_text(&text, "/");
    free(folder);
    return text.data;
}
