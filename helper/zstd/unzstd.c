#include "zstd/unzstd.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

struct unzstd {
    ZSTD_DStream *stream;
    size_t wanted; /* bytes that the frame still wants; 0: the frame is complete */
    const char *error;
};

struct unzstd *unzstd_new(void)
{
    struct unzstd *unzstd = calloc(1, sizeof *unzstd);
    if (!unzstd)
        return NULL;
    unzstd->stream = ZSTD_createDStream();
    if (!unzstd->stream || ZSTD_isError(ZSTD_DCtx_setParameter(unzstd->stream, ZSTD_d_windowLogMax,
                                                               UNZSTD_WINDOW_LOG))) {
        unzstd_free(unzstd);
        return NULL;
    }
    return unzstd;
}

void unzstd_free(struct unzstd *unzstd)
{
    if (unzstd)
        ZSTD_freeDStream(unzstd->stream);
    free(unzstd);
}

void unzstd_begin(struct unzstd *unzstd)
{
    ZSTD_DCtx_reset(unzstd->stream, ZSTD_reset_session_only);
    unzstd->wanted = 0;
    unzstd->error = NULL;
}

bool unzstd_run(struct unzstd *unzstd, const unsigned char **in, size_t *in_size,
                unsigned char *out, size_t *out_size)
{
    ZSTD_inBuffer from = {*in, *in_size, 0};
    ZSTD_outBuffer to = {out, *out_size, 0};
    /* The decoder may still have output after the end of the input. */
    for (bool goes_on = true; goes_on && to.pos < to.size;) {
        size_t before = to.pos;
        if (from.pos == from.size && !unzstd->wanted)
            break;
        size_t result = ZSTD_decompressStream(unzstd->stream, &to, &from);
        if (ZSTD_isError(result)) {
            bool is_large = ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge;
            unzstd->error =
                is_large ? "zstd data that needs more than 8 MiB of memory; compress it again "
                           "without --long and --ultra"
                         : "corrupt zstd data; put a good copy in its place";
            return false;
        }
        unzstd->wanted = result;
        goes_on = from.pos < from.size || to.pos > before;
    }
    *in += from.pos;
    *in_size -= from.pos;
    *out_size = to.pos;
    return true;
}

bool unzstd_is_complete(const struct unzstd *unzstd)
{
    return unzstd->wanted == 0;
}

const char *unzstd_error(const struct unzstd *unzstd)
{
    return unzstd->error;
}

bool unzstd_is_zstd(const unsigned char *s, size_t size)
{
    static const unsigned char magic[UNZSTD_MAGIC_SIZE] = {0x28, 0xb5, 0x2f, 0xfd},
                               skippable[] = {0x2a, 0x4d, 0x18}; /* after 0x50 to 0x5f */
    return size >= sizeof magic &&
           (!memcmp(s, magic, sizeof magic) ||
            ((s[0] & 0xf0) == 0x50 && !memcmp(s + 1, skippable, sizeof skippable)));
}
