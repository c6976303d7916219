/* Fuzzes real-time logs: the first byte chooses the setting fields, the second the size of pieces. */
#include "records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const fields[] = {NULL, "cs-uri-stem timestamp c-ip cs-host",
                                         "timestamp cs-uri-query cs-uri-stem cs-user-agent",
                                         "timestamp c-ip-version"};
    if (size < 2)
        return 0;
    struct reader_options options = {.fields = fields[data[0] & 3],
                                     .normalize.host_cs_host = data[0] >> 2 & 1};
    check_log(&options, data + 2, size - 2, (size_t)data[1] + 1);
    return 0;
}
