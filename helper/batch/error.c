#include "batch/error.h"

#include <stdarg.h>
#include <stdlib.h>

bool batch_error_set(struct batch_error *error, enum batch_reason reason, const char *format, ...)
{
    struct buffer text = {0}; /* an argument may point into the replaced error's text */
    va_list arguments;
    va_start(arguments, format);
    buffer_vprintf(&text, format, arguments);
    va_end(arguments);
    error->reason = reason;
    buffer_clear(&error->text);
    buffer_add_text(&error->text, text.data);
    buffer_free(&text);
    return false;
}

void batch_error_free(struct batch_error *error)
{
    buffer_free(&error->text);
    free(error->site);
    error->site = NULL;
}
