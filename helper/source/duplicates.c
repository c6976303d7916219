#include "source/duplicates.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/message.h"

/* What tells an object from all others: a file by its device and inode, one in a bucket by name. */
struct identity {
    dev_t device;
    ino_t inode; /* 0: not a file */
    const char *name;
};

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

static int compare(const void *a, const void *b)
{
    const struct identity *x = a, *y = b;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode ? 0 : strcmp(x->name, y->name);
}

bool doubles_are_none(const struct source *sources, size_t count)
{
    size_t objects = 0, used = 0;
    for (size_t i = 0; i < count; i++)
        objects += sources[i].count;
    struct identity *identities = calloc(objects + 1, sizeof *identities);
    bool none = true;
    if (!identities) {
        message_error("out of memory");
        return false;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < sources[i].count; j++)
            identities[used++] = identify(&sources[i], sources[i].names[j]);
    qsort(identities, used, sizeof *identities, compare);
    for (size_t i = 1; i < used && none; i++)
        if (!compare(&identities[i - 1], &identities[i])) {
            message_error("%s and %s are the same object; its records would be counted twice",
                          identities[i - 1].name, identities[i].name);
            none = false;
        }
    free(identities);
    return none;
}
