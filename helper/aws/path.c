#include "aws/path.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/environment.h"
#include "text/buffer.h"

enum { NAME_SIZE = 128 }; /* bytes of a variable's name and its NUL */

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

static void add_home(struct buffer *path)
{
    const char *home = environment_get("HOME");
    char room[4096];
    struct passwd entry, *user = NULL;
    if (!home && getpwuid_r(getuid(), &entry, room, sizeof room, &user) == 0 && user)
        home = user->pw_dir;
    buffer_add_text(path, home ? home : "/");
}

/* Adds the value of the variable with which TEXT, "$...", begins.  Returns the number of bytes from
 * "$" to the end of the name; 0: there is no such variable. */
static size_t add_variable(struct buffer *path, const char *text)
{
    bool has_braces = text[1] == '{';
    const char *begin = text + 1 + has_braces;
    size_t size = strspn(begin, letters);
    char name[NAME_SIZE];
    if (!size || size >= sizeof name || (has_braces && begin[size] != '}'))
        return 0;
    memcpy(name, begin, size);
    name[size] = '\0';
    const char *value = getenv(name);
    if (!value)
        return 0;
    buffer_add_text(path, value);
    return 1 + size + 2 * (size_t)has_braces;
}

static bool begins_at_home(const char *given)
{
    return *given == '~' && (given[1] == '/' || !given[1]);
}

char *aws_path_at_home(const char *given)
{
    struct buffer path = {0};
    if (begins_at_home(given))
        add_home(&path);
    buffer_add_text(&path, given + (path.size > 0));
    return path.data;
}

char *aws_path(const char *given, const char *name)
{
    struct buffer path = {0};
    buffer_add_text(&path, "");
    if (!given || begins_at_home(given))
        add_home(&path);
    if (!given) {
        buffer_printf(&path, "/.aws/%s", name);
        return path.data;
    }
    for (const char *p = given + (path.size > 0); *p;) {
        size_t size = *p == '$' ? add_variable(&path, p) : strcspn(p, "$");
        if (*p == '$' && size) {
            p += size;
            continue;
        }
        size += !size; /* a "$" that stands for itself */
        buffer_add(&path, p, size);
        p += size;
    }
    return path.data;
}
