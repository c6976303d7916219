#include "source/duplicates.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/same_file.h"
#include "memory/allocate.h"
#include "source/source.h"

static int compare_objects(const struct identity *x, const struct identity *y)
{
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode ? 0 : strcmp(x->name, y->name);
}

/* Orders identities of one object by name, so that the message is the same each time. */
static int compare(const void *a, const void *b)
{
    const struct identity *x = a, *y = b;
    int order = compare_objects(x, y);
    return order ? order : strcmp(x->name, y->name);
}

/* Sorts the identities.  Returns the first one of two neighbours that are one object; NULL when
 * there are none. IN_SOURCES: only two of different sources count. */
static const struct identity *find_pair(struct identity *identities, size_t count, bool in_sources)
{
    if (count)
        qsort(identities, count, sizeof *identities, compare);
    for (size_t i = 1; i < count; i++)
        if (!compare_objects(&identities[i - 1], &identities[i]) &&
            (!in_sources || identities[i - 1].source != identities[i].source))
            return &identities[i - 1];
    return NULL;
}

bool duplicates_exist(struct identity *identities, size_t count)
{
    return find_pair(identities, count, false) != NULL;
}

bool files_are_one(const char *path, const char *other)
{
    struct stat a, b;
    return stat(path, &a) == 0 && stat(other, &b) == 0 && same_file(&a, &b);
}

static struct identity identify(const struct source *source, const char *name)
{
    struct identity identity = {.name = name};
    struct stat status;
    if (!source->is_local)
        return identity;
    int result = strcmp(name, SOURCE_STDIN) ? stat(name, &status) : fstat(STDIN_FILENO, &status);
    if (result == 0 && S_ISREG(status.st_mode)) {
        identity.device = status.st_dev;
        identity.inode = status.st_ino;
    }
    return identity;
}

bool sources_are_apart(const struct source *sources, size_t count, struct buffer *error)
{
    size_t objects = 0, used = 0;
    if (count < 2)
        return true; /* saves a stat() for each file */
    for (size_t i = 0; i < count; i++)
        objects += sources[i].count;
    struct identity *identities = memory_allocate(objects + 1, sizeof *identities);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < sources[i].count; j++) {
            identities[used] = identify(&sources[i], sources[i].names[j]);
            identities[used++].source = i;
        }
    const struct identity *pair = find_pair(identities, used, true);
    if (pair)
        buffer_printf(error,
                      "%s and %s are the same object, whose records would be counted twice; name "
                      "one of the two only",
                      pair[0].name, pair[1].name);
    free(identities);
    return !pair;
}
