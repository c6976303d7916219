/* Many updates in one process, each of one new log: all logs are counted, and no update leaks memory.
 * AddressSanitizer finds leaks at the end; without it, the test compares the size of the process.
 *
 * SOAK makes many more updates. */
#include "update/update.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/temporary.h"
#include "tap.h"
#include "text/message.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

enum { FEW = 8, MANY = 100, WARM = 4, GROWTH_MAX = 8 * 1024 * 1024 };

static char folder[] = "/tmp/update-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) == EOF)
        ok(false, "%s: %s", path, strerrordesc_np(errno));
}

static void make_folder(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (mkdir(path, 0700) < 0)
        ok(false, "%s: %s", path, strerrordesc_np(errno));
}

static void make_site(void)
{
    char text[1024];
    if (!mkdtemp(folder))
        ok(false, "%s: %s", folder, strerrordesc_np(errno));
    make_folder("logs");
    make_folder("data");
    snprintf(text, sizeof text,
             "[cdn]\nsource = %s/logs\nstate = %s/cdn.db\nawstats-config = %s/awstats.cdn.conf\n",
             folder, folder, folder);
    write_file("sites.conf", text);
    snprintf(
        text, sizeof text,
        "LogType=W\nLoadPlugin=\"cloudfront\"\nLogFormat=\"cloudfront\"\nLogFile=\"site:cdn\"\n"
        "SiteDomain=\"www.example.com\"\nDirData=\"%s/data\"\nDNSLookup=0\n",
        folder);
    write_file("awstats.cdn.conf", text);
}

/* Delivers a log of one record. */
static void deliver(int number)
{
    char name[64], text[512];
    snprintf(name, sizeof name, "logs/E1.2026-10-05-%02d.%08x", number % 24, (unsigned)number);
    snprintf(
        text, sizeof text,
        "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) "
        "cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query\n2026-10-05\t%02d:%02d:00"
        "\tDFW57-P3\t100\t192.0.2.%d\tGET\td1.cloudfront.net\t/page%d.html\t200\t-\tagent%d\t-\n",
        number % 24, number / 24, number % 200, number, number);
    write_file(name, text);
}

/* Ignores a leak: awstats.pl sets a variable of the environment, and perl passes its text to the C library for
 * good. */
static void ignore_variable(void)
{
#ifdef __SANITIZE_ADDRESS__
    static const char name[] = "AWSTATS_CURRENT_CONFIG=";
    const char *value = getenv("AWSTATS_CURRENT_CONFIG");
    if (value)
        __lsan_ignore_object(value - (sizeof name - 1));
#endif
}

/* Updates once.  Returns the exit status. */
static int update(void)
{
    char config[256];
    snprintf(config, sizeof config, "%s/sites.conf", folder);
    volatile uint64_t waiting = 0;
    struct update_options options = {.config = config, .transfers = 1, .waiting = &waiting};
    struct update_output output = {temporary_open(folder), temporary_open(folder)};
    int status = update_site(&options, "cdn", &output);
    close(output.out);
    close(output.error);
    ignore_variable();
    return status;
}

static long size_of_process(void)
{
    long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &all, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

/* Returns the number of hits of the day in the history. */
static int count_hits(void)
{
    char path[256], line[256];
    int hits = -1, pages;
    snprintf(path, sizeof path, "%s/data/awstats102026.cdn.txt", folder);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "20261005 %d %d", &pages, &hits) == 2)
            break;
    if (file)
        fclose(file);
    return hits;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status, (void)type, (void)ftw;
    return remove(path);
}

int main(void)
{
    int count = getenv("SOAK") ? MANY : FEW, failed = 0;
    long warm = 0;
    setenv("PERL_DESTRUCT_LEVEL", "2", 1);
    message_set_level(MESSAGE_QUIET);
    make_site();
    for (int i = 0; i < count; i++) {
        deliver(i);
        failed += update() != 0;
        if (i == WARM)
            warm = size_of_process();
    }
    long growth = size_of_process() - warm;
    ok(failed == 0, "%d updates in one process", count);
    ok(count_hits() == count, "each has counted its log once");
#ifdef __SANITIZE_ADDRESS__
    printf("# the process grew by %ld bytes\n", growth);
#else
    ok(growth < GROWTH_MAX, "the process grew by %ld bytes", growth);
#endif
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return done_testing();
}
