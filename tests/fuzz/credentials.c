/* Fuzzes the reader of the AWS tools' files: names, values and keys are strings of these files. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "aws/keys.h"
#include "aws/profile_file.h"

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

/* Checks a value, whose lines are those of the file. */
static void check_text(const char *text, const uint8_t *data, size_t size)
{
    while (text && *text) {
        size_t line = strcspn(text, "\n");
        if (line && !memmem(data, size, text, line))
            abort();
        text += line + (text[line] == '\n');
    }
}

static void check_keys(credentials_fetch *fetch, const struct profile *profile, const uint8_t *data,
                       size_t size)
{
    const struct aws_session session = {.profile = profile};
    struct credentials keys = {.expires = CREDENTIALS_NO_EXPIRY};
    struct buffer error = {0};
    enum credentials_result result = fetch(&session, &keys, &error);
    if ((result == CREDENTIALS_FOUND) != (keys.key_id && keys.secret) ||
        (result == CREDENTIALS_FAILED) != !!error.size)
        abort();
    check_text(keys.key_id, data, size);
    check_text(keys.secret, data, size);
    check_text(keys.token, data, size);
    credentials_clear(&keys);
    buffer_free(&error);
}

static void check_profile(const struct profile_file *file, const char *name, const uint8_t *data,
                          size_t size)
{
    struct profile profile;
    bool found = profile_find(&profile, file, name);
    if (!found && profile_get(&profile, "region"))
        abort();
    check_text(profile_get(&profile, "region"), data, size);
    check_text(profile_get(&profile, "credential_process"), data, size);
    check_text(profile_get_nested(&profile, "s3", "addressing_style"), data, size);
    check_text(profile_file_service(&profile, "s3", "endpoint_url"), data, size);
    check_text(profile_file_session(file, "my", "sso_region"), data, size);
    check_keys(keys_fetch_credentials, &profile, data, size);
    check_keys(keys_fetch_config, &profile, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer error = {0}, names = {0};

    if (size < 2)
        return 0;
    size_t first = (size - 1) * data[0] / 255;
    int fds[] = {write_file("AWS_SHARED_CREDENTIALS_FILE", data + 1, first),
                 write_file("AWS_CONFIG_FILE", data + 1 + first, size - 1 - first)};
    struct profile_file *file = profile_file_read(&error);
    if ((profile_file_is_malformed(file) || profile_file_is_unreadable(file)) != !!error.size)
        abort();
    check_profile(file, "default", data, size);
    check_profile(file, "logs", data, size);
    profile_file_add_names(file, &names);
    profile_file_free(file);
    buffer_free(&names);
    buffer_free(&error);
    close(fds[0]);
    close(fds[1]);
    return 0;
}
