/* Fuzzes the search for credentials in the files of the AWS tools: what is found are strings of
 * these files. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "aws/chain.h"

static int write_file(const char *variable, const uint8_t *data, size_t size)
{
    int fd = memfd_create(variable, 0);
    char path[64];

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    setenv(variable, path, 1);
    return fd;
}

static void check_text(const char *text, const uint8_t *data, size_t size)
{
    if (text && *text && !memmem(data, size, text, strlen(text)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aws_settings settings = {0};
    struct buffer error = {0};

    if (size < 2)
        return 0;
    size_t first = (size - 1) * data[0] / 255;
    int fds[] = {write_file("AWS_SHARED_CREDENTIALS_FILE", data + 1, first),
                 write_file("AWS_CONFIG_FILE", data + 1 + first, size - 1 - first)};
    struct credentials_provider *provider =
        chain_find(&settings, data[0] & 1 ? "logs" : NULL, &error);
    if (!provider != !!error.size)
        abort();
    if (provider) {
        struct credentials keys = {0};
        credentials_get(provider, &keys);
        if (!keys.key_id || !keys.secret)
            abort();
        check_text(keys.key_id, data, size);
        check_text(keys.secret, data, size);
        check_text(keys.token, data, size);
        check_text(settings.region, data, size);
        check_text(settings.endpoint, data, size);
        credentials_clear(&keys);
        credentials_provider_free(provider);
    }
    aws_settings_free(&settings);
    buffer_free(&error);
    close(fds[0]);
    close(fds[1]);
    return 0;
}
