/* awstats/find.h: the version of an installed plugin. */
#include "awstats/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        perror(path);
}

static void is_version(const char *plugin, const char *want, const char *name)
{
    char version[8] = "before";
    awstats_read_plugin_version(version, sizeof version, plugin);
    is_text(version, strlen(version), want, name);
}

int main(void)
{
    char folder[] = "/tmp/awstats_find.XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0 || mkdir("plugins", 0700) != 0 ||
        mkdir("links", 0700) != 0 ||
        symlink("../plugins/cloudfront.pm", "links/cloudfront.pm") != 0)
        return 1;
    is_version("plugins/cloudfront.pm", "", "no plugin");
    write_file("plugins/cloudfront.pm", "1;\n");
    is_version("plugins/cloudfront.pm", "", "a plugin that does not tell its version");
    write_file("plugins/version", "");
    is_version("plugins/cloudfront.pm", "", "an empty file");
    write_file("plugins/version", "0.1-3\nmore\n");
    is_version("plugins/cloudfront.pm", "0.1-3", "the first line");
    is_version("links/cloudfront.pm", "0.1-3", "beside the file that a link leads to");
    write_file("plugins/version", "1234567890");
    is_version("plugins/cloudfront.pm", "1234567", "no more than there is room for");
    unlink("links/cloudfront.pm");
    unlink("plugins/version");
    unlink("plugins/cloudfront.pm");
    rmdir("links");
    rmdir("plugins");
    ok(chdir("/") == 0 && rmdir(folder) == 0, "nothing else was written");
    return done_testing();
}
