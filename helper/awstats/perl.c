#include "awstats/perl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/run_command.h"
#include "files/temporary.h"
#include "files/write_all.h"
#include "text/read_content.h"

enum { ARGUMENTS_MAX = 8 };

/* Stores the PATH of a script's first line, "#!PATH ...", if there is such a program; otherwise "perl". */
static void find_perl(char perl[PATH_MAX], const char *script)
{
    char line[PATH_MAX] = "";
    FILE *file = fopen(script, "re");
    snprintf(perl, PATH_MAX, "perl");
    if (file && fgets(line, sizeof line, file) && !strncmp(line, "#!", 2)) {
        char *path = line + 2 + strspn(line + 2, " \t");
        path[strcspn(path, " \t\r\n")] = '\0';
        if (*path == '/' && !strstr(path, "/env") && access(path, X_OK) == 0)
            snprintf(perl, PATH_MAX, "%s", path);
    }
    if (file)
        fclose(file);
}

/* Calls the function NAME of AWStats::CloudFront::Check, with three files as its standard input, output and
 * error.  The plugin's modules are in cloudfront/ beside the plugin, or where packages install Perl modules. */
static bool call(const struct awstats *awstats, const char *name, char *const *arguments,
                 const int files[3], struct buffer *out, struct buffer *error)
{
    char perl[PATH_MAX], code[128];
    struct buffer library = {0}, messages = {0};
    char *real = realpath(awstats->plugin, NULL);
    const char *plugin = real ? real : awstats->plugin;
    buffer_printf(&library, "-I%.*s/cloudfront", (int)(strrchr(plugin, '/') - plugin), plugin);
    free(real);
    snprintf(code, sizeof code,
             "require AWStats::CloudFront::Check; AWStats::CloudFront::Check::%s(@ARGV)", name);
    find_perl(perl, awstats->program);
    char *words[ARGUMENTS_MAX + 6] = {perl, library.data, "-e", code, "--"};
    for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i]; i++)
        words[5 + i] = arguments[i];
    int status = run_command(words, files[0], files[1], files[2]);
    if (status < 0) {
        buffer_printf(error, "%s: %s", perl, strerrordesc_np(errno));
    } else if (status > 0) {
        read_content(&messages, files[2]);
        buffer_printf(error, "%s fails: %.*s", perl,
                      messages.size ? (int)strcspn(messages.data, "\n") : 0,
                      messages.size ? messages.data : "");
    } else {
        read_content(out, files[1]);
    }
    buffer_free(&library);
    buffer_free(&messages);
    return status == 0;
}

bool awstats_perl(const struct awstats *awstats, const char *name, char *const *arguments,
                  const struct buffer *input, struct buffer *out, struct buffer *error)
{
    int files[3];
    bool done = true;
    for (int i = 0; i < 3; i++)
        done &= (files[i] = temporary_open(temporary_directory())) >= 0;
    done =
        done && write_all(files[0], input->data, input->size) && lseek(files[0], 0, SEEK_SET) == 0;
    if (done)
        done = call(awstats, name, arguments, files, out, error);
    else
        buffer_printf(error, "%s: %s", temporary_directory(), strerrordesc_np(errno));
    for (int i = 0; i < 3; i++)
        if (files[i] >= 0)
            close(files[i]);
    return done;
}
