#include "setup/mark.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "memory/allocate.h"

void mark_make(char mark[MARK_SIZE + 1], const char *text, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (!EVP_Digest(text, size, digest, NULL, EVP_sha256(), NULL))
        memory_exhausted();
    for (size_t i = 0; i < MARK_SIZE / 2; i++)
        snprintf(mark + 2 * i, 3, "%02x", digest[i]);
}

bool mark_fits(const char *mark, const char *text, size_t size)
{
    char right[MARK_SIZE + 1];
    mark_make(right, text, size);
    return !strncmp(mark, right, MARK_SIZE);
}
