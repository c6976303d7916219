#include "setup/names.h"

#include <string.h>

enum { NAME_SIZE_MAX = 64, HOST_SIZE_MAX = 253, LABEL_SIZE_MAX = 63 };

static const char lower_case[] = "abcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static bool is_letter_or_digit(char c)
{
    return is_one_of(c, lower_case) || is_one_of(c, digits);
}

const char *setup_name_error(const char *name)
{
    static const char upper_case[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (!is_letter_or_digit(*name) && !is_one_of(*name, upper_case))
        return "must begin with a letter or a digit";
    for (const char *s = name; *s; s++)
        if (!is_letter_or_digit(*s) && !is_one_of(*s, upper_case) && !is_one_of(*s, "-_."))
            return "may have only the letters a to z and A to Z, digits, and - _ .";
    return strlen(name) <= NAME_SIZE_MAX ? NULL : "must not be longer than 64 characters";
}

/* Returns whether SIZE bytes are a label of a host's name (the text between two dots). */
static bool is_label(const char *text, size_t size)
{
    if (!size || size > LABEL_SIZE_MAX || text[0] == '-' || text[size - 1] == '-')
        return false;
    for (size_t i = 0; i < size; i++)
        if (!is_letter_or_digit(text[i]) && text[i] != '-')
            return false;
    return true;
}

bool setup_is_host(const char *text, size_t size)
{
    const char *end = text + size, *label = text;
    size_t dots = 0;
    if (size > HOST_SIZE_MAX)
        return false;
    for (const char *dot; (dot = memchr(label, '.', (size_t)(end - label)));
         label = dot + 1, dots++)
        if (!is_label(label, (size_t)(dot - label)))
            return false;
    /* The last part of an address is a number; the last label of a name begins with a letter. */
    return dots && is_label(label, (size_t)(end - label)) && is_one_of(*label, lower_case);
}

bool setup_is_distribution(const char *host)
{
    size_t label = strcspn(host, ".");
    return !strcmp(host + label, ".cloudfront.net");
}
