/* shards/leftovers: the folders of dead processes are removed, and no other ones. */
#include "shards/leftovers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shards/plan.h"
#include "tap.h"

#define RANDOM "0123456789abcdef"

/* Stores the mark of a process that has ended. */
static void make_dead_mark(char mark[MARK_SIZE])
{
    int ends[2], status;
    if (pipe(ends) < 0)
        return;
    pid_t child = fork();
    if (child == 0) {
        leftovers_make_mark(mark, RANDOM);
        _exit(write(ends[1], mark, MARK_SIZE) != MARK_SIZE);
    }
    ok(child > 0 && waitpid(child, &status, 0) == child && status == 0 &&
           read(ends[0], mark, MARK_SIZE) == MARK_SIZE,
       "the mark of a dead process: %s", mark);
    close(ends[0]);
    close(ends[1]);
}

/* Makes a folder BEFORE MARK AFTER with a file. */
static char *make(const char *before, const char *mark, const char *after)
{
    char *folder = path_of("%s%s%s", before, mark, after), *path = path_of("%s/file", folder);
    FILE *file = mkdir(folder, 0700) == 0 ? fopen(path, "w") : NULL;
    if (!file || fclose(file) != 0)
        ok(false, "%s cannot be made", path);
    free(path);
    return folder;
}

int main(void)
{
    char directory[] = "/tmp/leftovers-XXXXXX", dead[MARK_SIZE], own[MARK_SIZE], other[MARK_SIZE];
    if (!mkdtemp(directory) || chdir(directory) < 0) {
        printf("Bail out! no scratch folder\n");
        return 1;
    }
    make_dead_mark(dead);
    leftovers_make_mark(own, RANDOM);
    strcpy(other, dead);
    *other = *other == '0' ? '1' : '0';
    const struct {
        const char *before, *mark, *after;
        bool stays;
        const char *name;
    } cases[] = {
        {"3.", dead, ".tmp", false, "a folder of a dead process"},
        {"awstats.name.", dead, ".tmp", false, "dots before the mark"},
        {"4.", own, ".tmp", true, "a folder of a living process"},
        {"5.", other, ".tmp", true, "a folder of another machine"},
        {"6.", dead, "", true, "another end of the name"},
        {"7.", dead, "0.tmp", true, "text behind the mark"},
        {"", dead, ".tmp", true, "no text before the mark"},
        {"8.", "0000000000000000-1-" RANDOM, ".tmp", true, "a machine that has no number"},
        {"9.", RANDOM, ".tmp", true, "a name without a mark"},
        {"10.", "", ".tmp", true, "an empty mark"},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    char *folders[CASES];
    for (size_t i = 0; i < CASES; i++)
        folders[i] = make(cases[i].before, cases[i].mark, cases[i].after);
    char *link = path_of("link.%s.tmp", dead);
    ok(symlink(folders[2], link) == 0, "a link with the mark of a dead process");
    leftovers_remove(".", ".tmp");
    for (size_t i = 0; i < CASES; i++)
        ok((access(folders[i], F_OK) == 0) == cases[i].stays, "%s", cases[i].name);
    char *file = path_of("%s/file", folders[2]);
    remove_tree(link);
    ok(access(file, F_OK) == 0, "remove_tree() does not follow a link");
    free(file);
    ok(unlink(link) == 0, "the link stays");
    leftovers_remove(".", "");
    ok(access(folders[4], F_OK) < 0 && access(folders[2], F_OK) == 0, "names that end with a mark");
    leftovers_remove("missing", ".tmp");
    free(link);
    for (size_t i = 0; i < CASES; i++)
        free(folders[i]);
    remove_tree(directory);
    return done_testing();
}
