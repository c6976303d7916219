#include "text/secrets.h"

#include <string.h>

enum { PART = 12 }; /* no text has so many bytes of a secret by chance */

static bool has_part(const char *text, const char *secret)
{
    size_t size = strlen(text), secret_size = strlen(secret);
    size_t part = secret_size < PART ? secret_size : PART;
    if (!part)
        return false;
    for (size_t i = 0; i + part <= secret_size; i++)
        if (memmem(text, size, secret + i, part))
            return true;
    return false;
}

bool secrets_are_in(const struct secrets *secrets, const char *text)
{
    if (strcasestr(text, "Signature="))
        return true;
    for (int i = 0; i < SECRETS_MAX; i++)
        if (secrets->list[i] && has_part(text, secrets->list[i]))
            return true;
    return false;
}
