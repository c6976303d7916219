#include "commands/all_sites.h"

#include "config/site_file.h"
#include "text/buffer.h"
#include "text/message.h"

char **all_sites_read(const struct options *options, size_t *count)
{
    struct buffer error = {0};
    char **names = site_file_names(options->config, &error);
    *count = 0;
    while (names && names[*count])
        ++*count;
    if (!names)
        message_error("%s", error.data);
    buffer_free(&error);
    return names;
}
