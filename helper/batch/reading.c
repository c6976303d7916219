#include "batch/reading.h"

#include <string.h>

#include "version.h"

void reading_write(const struct site *site, char out[DIGEST_WRITTEN_SIZE])
{
    static const char version[] = VERSION;
    const struct reader_options options = site_reader_options(site);
    const char *fields = options.fields ? options.fields : "";
    struct digester *digester = digester_new();
    digester_begin(digester);
    digester_add(digester, version, sizeof version);
    digester_add(digester, &options.kinds, sizeof options.kinds);
    digester_add(digester, fields, strlen(fields) + 1);
    digester_add(digester, options.delimiter.text, options.delimiter.size);
    const struct digest digest = digester_end(digester);
    digest_write(&digest, out);
    digester_free(digester);
}
