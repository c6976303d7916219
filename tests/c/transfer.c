/* s3/transfer: uploads of files to a bucket.  A large file takes no memory; a file larger than any object is an
 * error. */
#include "s3/transfer.h"

#include <fcntl.h>
#include <stdatomic.h>

#include "files/write_all.h"
#include "loopback_server.h"
#include "memory/allocate.h"
#include "tap.h"

enum {
    MIB = 1024 * 1024,
    LARGE = 64 * MIB + 1,
    PATTERN = MIB - 3,    /* not a multiple of any buffer's size */
    MEMORY_MAX = 16 * MIB /* that a transfer may take; the file is far larger */
};

static char pattern[PATTERN];
static atomic_uint requests;
static atomic_size_t received, wrong; /* bytes of all bodies */
static atomic_long most;              /* bytes of memory */

/* Returns this process's memory in bytes, without mapped files. */
static long measure_memory(void)
{
    char line[128];
    long size = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "RssAnon: %ld kB", &size) == 1)
            break;
    if (status)
        fclose(status);
    return size * 1024;
}

/* ---- the store ------------------------------------------------------------------------------ */

/* Takes a body, and compares it with the pattern. */
static void take_body(int fd, size_t size)
{
    static char data[256 * 1024];
    for (size_t place = 0; place < size;) {
        ssize_t got = read(fd, data, sizeof data);
        if (got <= 0)
            return;
        for (ssize_t i = 0; i < got; i++)
            wrong += data[i] != pattern[(place + (size_t)i) % PATTERN];
        place += (size_t)got;
        received += (size_t)got;
        if (measure_memory() > most)
            most = measure_memory();
    }
}

/* Reads the head of a request to its last byte, and no byte of the body. */
static void read_head(int fd, char *head, size_t size)
{
    size_t used = 0;
    *head = '\0';
    while (used < size - 1 && !strstr(head, "\r\n\r\n") && read(fd, head + used, 1) == 1)
        head[++used] = '\0';
}

static void *serve(void *argument)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n",
                      done[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    int listener = *(int *)argument, fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        char head[8192];
        read_head(fd, head, sizeof head);
        requests++;
        const char *length = strcasestr(head, "\r\nContent-Length: ");
        if (strcasestr(head, "\r\nExpect: 100-continue"))
            write_all(fd, go_on, strlen(go_on));
        if (!strncmp(head, "PUT ", 4) && length)
            take_body(fd, strtoull(length + strlen("\r\nContent-Length: "), NULL, 10));
        write_all(fd, done, strlen(done));
        close(fd);
    }
    return NULL;
}

/* ---- the files ------------------------------------------------------------------------------ */

/* Writes a file of the pattern. */
static void make_file(const char *path, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    bool done = fd >= 0;
    for (size_t place = 0; done && place < size; place += PATTERN)
        done = write_all(fd, pattern, size - place < PATTERN ? size - place : PATTERN);
    ok(done, "%s: %zu bytes", path, size);
    close(fd);
}

/* Puts two files into the bucket. */
static bool put(const char *origin, const char *first, const char *second, struct buffer *error)
{
    const struct s3_access access = {
        .region = "eu-west-1", .endpoint = origin, .is_anonymous = true};
    const struct s3_file files[] = {{.key = "first", .path = first},
                                    {.key = "second", .path = second}};
    struct s3_bucket bucket;
    if (s3_bucket_open(&bucket, "s3://work/", &access, error) < 0)
        return false;
    struct http_pool *pool = http_pool_new(2, error);
    requests = 0;
    received = wrong = 0;
    bool done = s3_put_files(&bucket, pool, files, sizeof files / sizeof *files, error);
    http_pool_free(pool);
    s3_bucket_close(&bucket);
    return done;
}

int main(void)
{
    char folder[] = "/tmp/transfer-XXXXXX";
    unsigned long long state = 1;
    struct buffer error = {0};
    struct loopback_server server;
    if (!mkdtemp(folder) || chdir(folder) < 0 || !loopback_server_start(&server, serve)) {
        printf("Bail out! no scratch folder, or no loopback\n");
        return 1;
    }
    for (size_t i = 0; i < PATTERN; i++)
        pattern[i] = (char)next_random(&state);
    make_file("small", 100);
    make_file("large", LARGE);
    ok(put(server.origin, "small", "small", &error), "small files %s",
       error.size ? error.data : "");
    const long before = most;
    ok(put(server.origin, "large", "small", &error), "a large file %s",
       error.size ? error.data : "");
    ok(requests == 2 && received == LARGE + 100 && !wrong, "bytes that came: %zu, other ones: %zu",
       received, wrong);
    ok(before && most - before < MEMORY_MAX, "a large file takes %ld KiB more memory",
       (most - before) / 1024);

    ok(truncate("small", (off_t)S3_PUT_MAX + 1) == 0, "a file of more than 5 GiB");
    ok(!put(server.origin, "small", "large", &error), "a file of more than 5 GiB is refused");
    is_text(error.data, error.size,
            "small: 5368709121 bytes are more than the 5 GiB that one object can get; make a plan "
            "with more shards and parts",
            "message");
    ok(requests == 0, "nothing was sent");
    loopback_server_stop(&server);
    buffer_free(&error);
    unlink("small");
    unlink("large");
    rmdir(folder);
    return done_testing();
}
