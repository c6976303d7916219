#include "normalized/batch_id.h"

#include "normalized/ascii.h"

bool is_batch_id(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!ascii_is_letter_or_digit(text[i]) && text[i] != '-')
            return false;
    return size > 0 && size < BATCH_ID_SIZE;
}
