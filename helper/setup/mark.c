#include "setup/mark.h"

#include <openssl/evp.h>
#include <string.h>

#include "memory/allocate.h"
#include "text/hex.h"

void mark_make(char mark[MARK_SIZE + 1], const char *text, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (!EVP_Digest(text, size, digest, NULL, EVP_sha256(), NULL))
        memory_exhausted();
    hex_write(mark, digest, MARK_SIZE / 2);
}

bool mark_fits(const char *mark, const char *text, size_t size)
{
    char right[MARK_SIZE + 1];
    mark_make(right, text, size);
    return !strncmp(mark, right, MARK_SIZE);
}
