#include "batch/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory/allocate.h"

bool batch_error_set(struct batch_error *error, enum batch_reason reason, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        memory_exhausted();
    va_end(arguments);
    error->reason = reason;
    buffer_clear(&error->text);
    buffer_add_text(&error->text, text);
    free(text);
    return false;
}

void batch_error_free(struct batch_error *error)
{
    buffer_free(&error->text);
    free(error->site);
    error->site = NULL;
}
