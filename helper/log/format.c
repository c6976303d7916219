#include "log/format.h"

#include "log/w3c.h"

static const struct format *const formats[] = {
    &w3c_format,
};

const struct format *format_find(const char *line, size_t size)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i]->begins(line, size))
            return formats[i];
    return NULL;
}
