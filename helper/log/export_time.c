#include "log/export_time.h"

size_t export_time_read(const char *text, size_t size)
{
    static const char form[] = "0000-00-00T00:00:00.000Z "; /* 0: any digit */
    const size_t form_size = sizeof form - 1;
    if (size < form_size || text[form_size - 1] != ' ')
        return 0;
    for (size_t i = 0; i < form_size; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return 0;
    return form_size;
}
