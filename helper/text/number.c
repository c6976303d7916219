#include "text/number.h"

#include <inttypes.h>
#include <stdio.h>

void number_add(struct buffer *out, uint64_t number)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0)
            buffer_add_text(out, ",");
        buffer_add(out, digits + i, 1);
    }
}

void number_add_bytes(struct buffer *out, uint64_t bytes)
{
    static const char *const units[] = {"KB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t divisor = 1024; /* of the unit */
    size_t unit = 0;
    while (unit < sizeof units / sizeof *units - 1 && bytes / divisor >= 1024) {
        divisor *= 1024;
        unit++;
    }
    if (bytes < 1024)
        number_add(out, bytes);
    else
        buffer_printf(out, "%.2f %s", (double)bytes / (double)divisor, units[unit]);
}
