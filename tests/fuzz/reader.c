/* Fuzzes the reader, and the views of what it reads: any bytes, in pieces of a size that the first
 * byte gives. */
#include "records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    size_t piece = (size_t)data[0] + 1;
    struct reader_options options = {
        .normalize.client = {.is_forwarded = piece & 1,
                             .anonymize = piece & 2 ? ANONYMIZE_IP : ANONYMIZE_NONE}};
    check_log(&options, data + 1, size - 1, piece);
    return 0;
}
