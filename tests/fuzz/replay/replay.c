/* Runs one fuzz target without a fuzzer: make check builds each target with this main(), so that a
 * target keeps in step with what it tests.
 *
 * The inputs are the files of the target's corpus, their beginnings, and copies with changed bytes.
 * A target that finds a fault aborts, and so does the sanitizer. */
#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../c/tap.h"

enum { BEGINNINGS = 64, CHANGED_COPIES = 128, SOAK_COPIES = 1024, FILE_SIZE_MAX = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Gives the target a copy of its own, so that the sanitizer sees each read outside of it. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_beginnings(const uint8_t *data, size_t size)
{
    size_t step = size / BEGINNINGS + 1;
    for (size_t end = 0; end < size; end += step)
        run(data, end);
}

static void run_changed(uint8_t *data, size_t size)
{
    unsigned long long state = 1;
    int copies = getenv("SOAK") ? SOAK_COPIES : CHANGED_COPIES;
    for (int i = 0; size && i < copies; i++) {
        size_t at = next_random(&state) % size;
        uint8_t was = data[at];
        data[at] = (uint8_t)next_random(&state);
        run(data, size);
        data[at] = was;
    }
}

static bool run_file(const char *path)
{
    static uint8_t data[FILE_SIZE_MAX];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    run(data, size);
    run_beginnings(data, size);
    run_changed(data, size);
    return true;
}

int main(void)
{
    static const char folder[] = "tests/fuzz/corpus/" FUZZ_TARGET;
    DIR *corpus = opendir(folder);
    if (!ok(corpus != NULL, "%s: a folder", folder))
        return done_testing();
    int count = 0;
    for (struct dirent *entry; (entry = readdir(corpus));) {
        char path[sizeof folder + sizeof entry->d_name + 1];
        if (*entry->d_name == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        ok(run_file(path), "%s", path);
        count++;
    }
    closedir(corpus);
    ok(count > 0, "%s: has inputs", folder);
    return done_testing();
}
