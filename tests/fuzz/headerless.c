/* Fuzzes logs without a header, and delimiters: the first byte chooses the settings fields and delimiter,
 * the second the size of pieces. */
#include "records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const fields[] = {NULL, "date time c-ip cs-method cs-uri-stem sc-status",
                                         "cs(User-Agent) timestamp(ms)",
                                         "date time x-event x-cf-client-id sc-bytes x-sname c-ip"};
    static const char *const delimiters[] = {NULL, "comma", "||", "semicolon"};
    if (size < 2)
        return 0;
    struct reader_options options = {.fields = fields[data[0] & 3]};
    if (delimiters[data[0] >> 2 & 3])
        delimiter_parse(&options.delimiter, delimiters[data[0] >> 2 & 3]);
    check_log(&options, data + 2, size - 2, (size_t)data[1] + 1);
    return 0;
}
