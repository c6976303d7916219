#include "backup/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "files/write_all.h"
#include "memory/allocate.h"
#include "text/file_error.h"
#include "text/hex.h"

enum { PIECE = 256 * 1024 };

/* Reads IN to its end, and writes the bytes to OUT unless OUT is -1.  Stores size and digest in FILE.  Returns
 * 0, or an errno; *IS_OUT: it is an error of OUT. */
static int pass(int in, int out, struct manifest_file *file, bool *is_out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char *piece = memory_resize(NULL, PIECE, 1);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int number = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) ? 0 : ENOMEM;
    ssize_t size = 0;
    *is_out = false;
    file->size = 0;
    while (!number && (size = read(in, piece, PIECE)) != 0) {
        if (size < 0) {
            number = errno == EINTR ? 0 : errno;
            continue;
        }
        EVP_DigestUpdate(context, piece, (size_t)size);
        file->size += (uint64_t)size;
        if (out >= 0 && !write_all(out, piece, (size_t)size)) {
            number = errno;
            *is_out = true;
        }
    }
    if (!number) {
        EVP_DigestFinal_ex(context, digest, NULL);
        hex_write(file->digest, digest, (sizeof file->digest - 1) / 2);
    }
    EVP_MD_CTX_free(context);
    free(piece);
    return number;
}

static int open_to_read(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    int number = fd < 0 ? errno : EBADFD;
    if (fd >= 0)
        close(fd);
    errno = number;
    return -1;
}

static bool fail(struct buffer *error, const char *path, int number)
{
    buffer_printf(error, "%s: ", path);
    file_error_add(error, path, "", number);
    return false;
}

bool copy_digest(const char *path, struct manifest_file *file, struct buffer *error)
{
    bool is_out;
    int in = open_to_read(path);
    int number = in < 0 ? errno : pass(in, -1, file, &is_out);
    if (in >= 0)
        close(in);
    return !number || fail(error, path, number);
}

bool copy_file(const char *from, const char *to, struct manifest_file *file, struct buffer *error)
{
    bool is_out = false;
    int out = -1, in = open_to_read(from);
    int number = in < 0 ? errno : 0;
    if (!number) {
        is_out = true;
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        number = out < 0 ? errno : pass(in, out, file, &is_out);
    }
    if (!number && (fchmod(out, file->mode) < 0 || folders_give(out, to) < 0 || fsync(out) < 0)) {
        is_out = true;
        number = errno;
    }
    if (in >= 0)
        close(in);
    if (out >= 0) {
        close(out);
        if (number)
            unlink(to);
    }
    return !number || fail(error, is_out ? to : from, number);
}
