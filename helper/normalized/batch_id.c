#include "normalized/batch_id.h"

static bool is_letter_or_digit(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_batch_id(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_letter_or_digit(text[i]) && text[i] != '-')
            return false;
    return size > 0 && size < BATCH_ID_SIZE;
}
