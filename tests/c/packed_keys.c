/* Packed objects of one key, such as a log that was replaced again and again.  The ledger looks for a key in only one
 * block.  So all objects of a key must be in one block, however the objects around them fill the blocks. */
#include <stdlib.h>

#include "ledger/ledger.h"
#include "ledger_file.h"
#include "scratch.h"
#include "tap.h"
#include "text/buffer.h"
#include "text/digest.h"

enum {
    KEYS = 120,
    VERSIONS = 40, /* of each key: few blocks would end between two keys by chance */
    MANY = 2000,   /* versions of one more key, which no block can hold */
    RUNS = 8       /* that pack all of them */
};
static const int64_t first_hour = 1767225600; /* 2026-01-01 00:00 */

static struct buffer error;
static const char *folder = "cdn"; /* of the objects */

/* An object: number VERSION of those that the key had. */
struct version {
    char key[64], tag[33], digest[DIGEST_WRITTEN_SIZE];
    uint64_t size;
};

static struct version version_of(int key, int version)
{
    unsigned long long seed = 4101842887655102017ULL + ((unsigned)key << 16 | (unsigned)version);
    struct version made;
    for (int i = 0; i < 4; i++)
        next_random(&seed);
    snprintf(made.key, sizeof made.key, "%s/E1KEYS.2026-01-01-%02d.%08x.gz", folder,
             key * 20 / KEYS, (unsigned)key * 7919);
    snprintf(made.tag, sizeof made.tag, "%016llx%016llx", next_random(&seed), next_random(&seed));
    made.size = 2000 + next_random(&seed) % 60000;
    const struct digest digest = {made.size * 7, next_random(&seed), (uint32_t)next_random(&seed)};
    digest_write(&digest, made.digest);
    return made;
}

static struct ledger_object as_object(const struct version *version)
{
    return (struct ledger_object){
        .key = version->key, .tag = version->tag, .size = version->size, .digest = version->digest};
}

static bool add_versions(struct ledger *ledger, int key, int from, int to)
{
    bool done = true;
    for (int i = from; done && i < to; i++) {
        const struct version version = version_of(key, i);
        const struct ledger_object object = as_object(&version);
        done = ledger_add_copy(ledger, &object, false);
    }
    return done;
}

/* Runs a batch with one object of a later month, which makes the others old, and VERSIONS of each key in FROM to
 * TO. */
static bool run_batch(struct ledger *ledger, int number, int from, int to, bool has_many)
{
    struct ledger_batch batch = {.begun = 1};
    char key[32];
    const struct ledger_revision revision = {0};
    const struct ledger_object late = {
        .key = key, .tag = "t", .size = 1, .time = first_hour + 40 * INT64_C(86400)};
    snprintf(key, sizeof key, "cdn/late-%d.gz", number);
    snprintf(batch.id, sizeof batch.id, "batch%d", number);
    bool done = ledger_begin(ledger, &batch);
    for (int i = 0; done && i < KEYS; i++)
        done = add_versions(ledger, i, from, to);
    return done && (!has_many || add_versions(ledger, KEYS, 0, MANY)) &&
           ledger_add(ledger, &late, NULL) && ledger_begun(ledger, true) &&
           ledger_prepare(ledger, NULL, 0, NULL, 0, &revision) &&
           ledger_commit(ledger, batch.id, false, false, batch.id, NULL, NULL);
}

static bool count_namesake(void *user, const struct ledger_object *object, bool in_batch)
{
    *(int *)user += *object->key && !in_batch;
    return true;
}

static int count_known(struct ledger *ledger, int key, int versions)
{
    int known = 0;
    bool has_content;
    for (int i = 0; i < versions; i++) {
        const struct version version = version_of(key, i);
        const struct ledger_object object = as_object(&version);
        known += ledger_knows(ledger, &object, &has_content) == LEDGER_IS_COUNTED;
    }
    return known;
}

/* Whether each version of the key is known, and found by its name. */
static bool knows_versions(struct ledger *ledger, int key, int versions)
{
    int known = count_known(ledger, key, versions), found = 0;
    const struct version first = version_of(key, 0);
    bool done =
        ledger_visit_namesakes(ledger, first.key, "", LEDGER_ANY_SIZE, count_namesake, &found);
    if (known != versions || found != versions)
        printf("# %s: %d known, %d found\n", first.key, known, found);
    return done && known == versions && found == versions;
}

static void test_keys(const char *path, int versions, const char *name)
{
    struct ledger *ledger = NULL;
    int whole = 0;
    ok(ledger_file_number(path, "SELECT count(*) FROM block") > 1, "%s: blocks", name);
    ok(ledger_file_number(path, "SELECT count(*) FROM object WHERE key LIKE '%/E1KEYS.%'") <
           MANY + KEYS * versions / 2,
       "%s: most are packed", name);
    if (!ok(ledger_open(&ledger, path, false, &error) == 1, "%s: opened again", name))
        return;
    for (int i = 0; i < KEYS; i++)
        whole += knows_versions(ledger, i, versions);
    ok(whole == KEYS, "%s: all versions are known of %d of %d keys", name, whole, KEYS);
    ok(knows_versions(ledger, KEYS, MANY), "%s: so are those of a key that fills more than a block",
       name);
    char *corrupt = ledger_inspect(ledger);
    ok(!corrupt, "%s: the ledger is whole: %s", name, corrupt ? corrupt : "yes");
    free(corrupt);
    ledger_close(ledger);
}

/* The source has moved, so keys begin in another way. */
static void test_moved(const char *path, const char *to)
{
    struct ledger *ledger = NULL;
    struct ledger_owner owner = {"site", "given", "source"};
    char from_key[64], to_key[64];
    int64_t blocks = ledger_file_number(path, "SELECT count(*) FROM block");
    snprintf(from_key, sizeof from_key, "%s/", folder);
    snprintf(to_key, sizeof to_key, "%s/", to);
    ok(ledger_open(&ledger, path, false, &error) == 1 &&
           ledger_set_owner(ledger, &owner, from_key, to_key),
       "keys begin with %s instead of %s", to_key, from_key);
    ledger_close(ledger);
    int64_t after = ledger_file_number(path, "SELECT count(*) FROM block");
    ok(after == blocks, "%d blocks are %d blocks then", (int)blocks, (int)after);
    folder = to;
}

enum { FEW = 10, FOLDERS = 3 };

/* Whether FEW versions of all keys are known in these folders.  From the last on: no block is read before for objects of a
 * folder before it. */
static void all_known(struct ledger *ledger, const char *const folders[FOLDERS])
{
    int known = 0;
    for (int f = FOLDERS - 1; f >= 0; f--) {
        folder = folders[f];
        for (int i = 0; i < KEYS; i++)
            known += count_known(ledger, i, FEW);
    }
    ok(known == FOLDERS * KEYS * FEW, "%d of %d objects are known", known, FOLDERS * KEYS * FEW);
}

/* Objects of three folders, of which the last is moved between the two others: a block has objects of both.  Then the second
 * gets a name with which its objects cannot be packed. */
static void test_moved_between(const char *path)
{
    static const char *const folders[] = {"b", "d", "f"};
    struct ledger *ledger = NULL;
    struct ledger_owner owner = {"site", "given", "source"};
    bool done = ledger_open(&ledger, path, true, &error) == 1;
    for (int i = 0; done && i < FOLDERS * RUNS; i++) {
        folder = folders[i / RUNS];
        done = run_batch(ledger, i, 0, i % RUNS ? 0 : FEW, false);
    }
    ok(done && ledger_file_number(path, "SELECT count(*) FROM block") > 3, "three folders");
    ok(ledger_set_owner(ledger, &owner, "f/", "c/"), "the third folder comes between the others");
    all_known(ledger, (const char *const[]){"b", "d", "c"});
    ok(ledger_set_owner(ledger, &owner, "d/", "e\2/"), "the second folder gets another name");
    all_known(ledger, (const char *const[]){"b", "e\2", "c"});
    ledger_close(ledger);
    scratch_remove_ledger(path);
}

int main(void)
{
    char directory[SCRATCH_SIZE], path[64];
    struct ledger *ledger = NULL;
    if (!scratch_make(directory))
        return 1;
    snprintf(path, sizeof path, "%s/x.db", directory);
    bool done = ledger_open(&ledger, path, true, &error) == 1;
    for (int i = 0; done && i < RUNS; i++)
        done = run_batch(ledger, i, 0, i ? 0 : VERSIONS, i == 0);
    ledger_close(ledger);
    ok(done, "%d keys of %d versions are packed: %s", KEYS, VERSIONS, done ? "yes" : error.data);
    test_keys(path, VERSIONS, "packed");

    done = ledger_open(&ledger, path, false, &error) == 1;
    for (int i = 0; done && i < RUNS; i++)
        done = run_batch(ledger, RUNS + i, VERSIONS, i ? VERSIONS : VERSIONS + 1, false);
    ledger_close(ledger);
    ok(done, "one more version of each is packed: %s", done ? "yes" : error.data);
    test_keys(path, VERSIONS + 1, "packed again");

    test_moved(path, "another/folder");
    test_keys(path, VERSIONS + 1, "moved");

    scratch_remove_ledger(path);
    test_moved_between(path);

    buffer_free(&error);
    scratch_end(directory);
    return done_testing();
}
