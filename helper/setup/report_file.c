#include "setup/report_file.h"

#include <string.h>

#include "setup/mark.h"

static const char first_words[] = "# Written " MARK_WORDS;
static const char folder_words[] = "# Folder that setup has made: ";

static void add_plugin(struct buffer *out, const struct report_file *file)
{
    buffer_add_text(out, "# The plugin knows the format of the log.\n"
                         "LoadPlugin=\"cloudfront");
    if (file->program)
        buffer_printf(out, " helper=%s", file->program);
    if (file->config)
        buffer_printf(out, " config=%s", file->config);
    buffer_printf(out, "\"\nLogFormat=\"cloudfront%s\"\n\n",
                  file->is_streaming ? "-streaming" : "");
}

static void add_folders(struct buffer *out, const char *folders)
{
    for (const char *line = folders; *line;) {
        size_t size = strcspn(line, "\n");
        buffer_printf(out, "%s%.*s\n", folder_words, (int)size, line);
        line += size + (line[size] == '\n');
    }
}

void report_file_add(struct buffer *out, const struct report_file *file)
{
    char mark[MARK_SIZE + 1];
    struct buffer body = {0};
    buffer_printf(&body,
                  "# While nothing below is changed, \"awstats-cloudfront setup --remove %s\" "
                  "removes this file.\n",
                  file->name);
    add_folders(&body, file->folders);
    buffer_printf(&body,
                  "\n# What counts as %s, and the charts.\n"
                  "Include \"%s\"\n\n",
                  file->is_streaming ? "a view" : "traffic", file->include);
    add_plugin(&body, file);
    if (file->is_streaming)
        buffer_add_text(&body, "# AWStats' own chart of file types.\n"
                               "LevelForFileTypesDetection=2\n"
                               "ShowFileTypesStats=HB\n\n");
    buffer_printf(&body,
                  "# The log: a section of awstats-cloudfront's configuration.\n"
                  "LogFile=\"site:%s\"\n\n"
                  "# The name that visitors see.\n"
                  "SiteDomain=\"%s\"\n\n"
                  "# All names of the distribution; AWStats drops records for any other name.  The "
                  "plugin adds the name\n"
                  "# that ends with cloudfront.net.\n"
                  "HostAliases=\"%s\"\n\n"
                  "# The folder of AWStats' history.\n"
                  "DirData=\"%s\"\n",
                  file->name, file->site_domain, file->aliases, file->history);
    mark_make(mark, body.data, body.size);
    buffer_printf(out, "%s%s\n", first_words, mark);
    buffer_add(out, body.data, body.size);
    buffer_free(&body);
}

enum report_file_state report_file_find(const struct buffer *text)
{
    size_t size = sizeof first_words - 1;
    const char *body = text->size ? strchr(text->data, '\n') : NULL;
    if (!body || strncmp(text->data, first_words, size))
        return REPORT_FILE_NOT_MARKED;
    body++;
    return mark_fits(text->data + size, body, text->size - (size_t)(body - text->data))
               ? REPORT_FILE_UNCHANGED
               : REPORT_FILE_CHANGED;
}

void report_file_get_folders(const struct buffer *text, struct buffer *out)
{
    const char *line = text->size ? text->data : "";
    while (*line) {
        size_t size = strcspn(line, "\n"), words = sizeof folder_words - 1;
        if (size > words && !strncmp(line, folder_words, words))
            buffer_printf(out, "%.*s\n", (int)(size - words), line + words);
        line += size + (line[size] == '\n');
    }
}
