/* The ledger and a simple model: random batches, copies, contents and moves go into both, and each query about
 * counted objects must have the model's result.  Most objects are like CloudFront's in a bucket, so the ledger
 * packs them; the others differ from these in one part, which must stay exact. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "known_objects.h"
#include "ledger/ledger.h"
#include "ledger_file.h"
#include "scratch.h"
#include "tap.h"
#include "text/buffer.h"

/* ---- questions ---- */

static void ask_knows(struct ledger *ledger, const struct known *object)
{
    struct ledger_object asked = as_object(object);
    const struct known *found = find(object);
    bool has_content, has_key = false;
    check("knows", object->key, ledger_knows(ledger, &asked, &has_content), found != NULL);
    check("has content", object->key, has_content, found && *found->content);
    for (size_t i = 0; i < known_count && !has_key; i++)
        has_key = !strcmp(known[i].key, object->key);
    check("knows the key", object->key, ledger_knows_key(ledger, object->key), has_key);
}

static void ask_beginnings(struct ledger *ledger, const struct known *object)
{
    char stem[96], *key = NULL;
    const char *last = NULL;
    size_t size = 1 + below((unsigned)strlen(object->key));
    while (size > 1 && (unsigned char)object->key[size] >= 0x80)
        size--;
    snprintf(stem, sizeof stem, "%.*s", (int)size, object->key);
    if (!below(4))
        stem[size - 1] = 'Z';
    for (size_t i = 0; i < known_count; i++)
        if (!strncmp(known[i].key, stem, strlen(stem)) && (!last || strcmp(known[i].key, last) > 0))
            last = known[i].key;
    check("has keys below", stem, ledger_has_counted_below(ledger, stem), last != NULL);
    check("last key", stem, ledger_last_key(ledger, stem, &key), last != NULL);
    if (last && key && strcmp(last, key) != 0)
        differ("last key", stem, key, last);
    free(key);
}

static void ask_namesakes(struct ledger *ledger, const struct known *object, bool any_name)
{
    struct buffer got = {0}, want = {0};
    struct wanted wanted = {.namesake = object->key, .content = "", .size = LEDGER_ANY_SIZE};
    wanted.content = below(4) ? "" : object->content;
    if (below(2))
        wanted.size = object->size;
    bool done = ledger_visit_namesakes(ledger, object->key, wanted.content, wanted.size,
                                       add_namesake, &got);
    add_wanted(&want, &wanted, compare_rows);
    check("namesakes", object->key, done, true);
    check_text("namesakes", object->key, &got, &want);

    const char *digest = *object->digest ? object->digest : "1 00";
    wanted = (struct wanted){.namesake = object->key, .digest = digest, .or_no_digest = true};
    buffer_clear(&got);
    buffer_clear(&want);
    done = ledger_visit_texts(ledger, object->key, digest, false, add_object, &got);
    add_wanted(&want, &wanted, compare_rows);
    check("texts", object->key, done, true);
    check_text("texts", object->key, &got, &want);

    if (any_name) {
        /* Two indexes find these objects, so their order is not the model's. */
        wanted.or_any_name = true;
        buffer_clear(&got);
        buffer_clear(&want);
        done = ledger_visit_texts(ledger, object->key, digest, true, add_object, &got);
        add_wanted(&want, &wanted, compare_rows);
        check("texts of any name", object->key, done, true);
        check("texts of any name", object->key, (int)got.size, (int)want.size);
    }
    buffer_free(&got);
    buffer_free(&want);
}

static bool add_equal(void *user, const struct ledger_object *object,
                      const struct ledger_object *counted)
{
    buffer_printf(user, "%s ", object->key);
    show(user, counted);
    return true;
}

/* Looks for counted objects with the ETags and sizes of a batch, and gives the batch up. */
static void ask_equals(struct ledger *ledger, unsigned hour)
{
    enum { ASKED = 20 };
    static struct known asked[ASKED];
    struct ledger_batch open = {.id = "given up", .begun = 1000};
    struct buffer got = {0}, want = {0};
    bool done = ledger_begin(ledger, &open);
    batch_count = 0;
    for (int i = 0; i < ASKED; i++) {
        make_similar(&asked[i], hour);
        snprintf(asked[i].key, sizeof asked[i].key, "asked/%02d", i);
        const struct ledger_object object = as_object(&asked[i]);
        struct wanted wanted = {.tag = asked[i].tag, .size = asked[i].size, .before = asked[i].key};
        done = done && ledger_add(ledger, &object, NULL);
        add_wanted(&want, &wanted, compare_keys);
    }
    done = done && ledger_visit_equals(ledger, true, add_equal, &got);
    ledger_undo(ledger);
    check("equals", "a batch", done, true);
    check_text("equals", "a batch", &got, &want);
    buffer_free(&got);
    buffer_free(&want);
}

static void ask_all(struct ledger *ledger)
{
    struct buffer got = {0}, want = {0};
    struct wanted wanted = {.size = LEDGER_ANY_SIZE};
    check("counted objects", "all", ledger_visit_counted(ledger, add_object, &got), true);
    add_wanted(&want, &wanted, compare_by_name);
    check_text("counted objects", "all", &got, &want);
    check("has counted", "any", ledger_has_counted(ledger), known_count > 0);
    buffer_free(&got);
    buffer_free(&want);
}

static void ask(struct ledger *ledger, unsigned hour, bool any_name)
{
    for (unsigned i = 0; i < PROBES && known_count; i++) {
        struct known object;
        make_similar(&object, hour);
        ask_knows(ledger, &object);
        ask_beginnings(ledger, &object);
        ask_namesakes(ledger, &object, any_name);
    }
    if (any_name && known_count)
        ask_equals(ledger, hour);
    ask_all(ledger);
}

/* ---- changes ---- */

static bool is_in_batch(const char *key)
{
    for (size_t i = 0; i < batch_count; i++)
        if (!strcmp(batch[i].key, key))
            return true;
    return false;
}

/* Adds objects to a batch as a listing does; a few of them are known as copies. */
static bool take_objects(struct ledger *ledger, unsigned hour, unsigned count)
{
    bool done = true;
    batch_count = 0;
    for (unsigned i = 0; done && i < count; i++) {
        struct known made;
        if (known_count && !below(8))
            make_similar(&made, hour);
        else
            make_object(&made, hour - below(below(10) ? HOURS_OF_A_STEP : hour));
        struct ledger_object object = as_object(&made);
        bool has_content, is_copy = !below(30);
        int is_known = ledger_knows(ledger, &object, &has_content);
        check("knows before it is taken", made.key, is_known, find(&made) != NULL);
        if ((is_known && !is_copy && below(20)) || is_in_batch(made.key))
            continue;
        if (is_copy) {
            done = ledger_add_copy(ledger, &object, false);
            learn(&made, true);
            continue;
        }
        made.outcome = below(20)  ? LEDGER_READ
                       : below(2) ? LEDGER_GONE
                       : below(2) ? LEDGER_KNOWN
                                  : LEDGER_QUARANTINED;
        object.digest = "";
        done = ledger_add(ledger, &object, NULL);
        batch[batch_count++] = made;
    }
    return done;
}

static int hex_value(char digit)
{
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* Reads "LENGTH HEX" into a digest.  Returns false for a text that digest_write() does not write. */
static bool read_digest(const char *text, struct digest *digest)
{
    *digest = (struct digest){0};
    const char *space = strchr(text, ' ');
    if (!space || *text == '0')
        return false;
    digest->length = strtoull(text, NULL, 10);
    for (int i = 0; i < 16; i++)
        digest->high = digest->high << 4 | (unsigned)hex_value(space[1 + i]);
    for (int i = 16; i < 24; i++)
        digest->low = digest->low << 4 | (unsigned)hex_value(space[1 + i]);
    return true;
}

static bool prepare(struct ledger *ledger)
{
    static struct ledger_left_out left_out[BATCH_MAX];
    static struct ledger_read read[BATCH_MAX];
    const struct ledger_revision revision = {0};
    size_t left = 0, reads = 0;
    for (size_t i = 0; i < batch_count; i++) {
        if (batch[i].outcome != LEDGER_READ)
            left_out[left++] =
                (struct ledger_left_out){batch[i].key, batch[i].outcome, "broken", NULL};
        read[reads].key = batch[i].key;
        if (read_digest(batch[i].digest, &read[reads].digest))
            reads++;
        else
            batch[i].digest[0] = '\0';
    }
    return ledger_prepare(ledger, left_out, left, read, reads, &revision);
}

/* One batch, counted, abandoned, or given up while the source is listed. */
static bool run_batch(struct ledger *ledger, unsigned hour, unsigned number)
{
    struct ledger_batch open = {.begun = 1000};
    snprintf(open.id, sizeof open.id, "batch%u", number);
    memcpy(saved, known, known_count * sizeof *known);
    saved_count = known_count;
    if (!ledger_begin(ledger, &open) || !take_objects(ledger, hour, below(BATCH_MAX)) ||
        !ledger_drop_quarantined(ledger, false))
        return false;
    if (!below(6)) {
        ledger_undo(ledger);
        memcpy(known, saved, saved_count * sizeof *known);
        known_count = saved_count;
        return true;
    }
    if (!ledger_begun(ledger, false))
        return false;
    if (!below(6))
        return ledger_abandon(ledger);
    if (!prepare(ledger) || !ledger_commit(ledger, open.id, false, false, open.id, NULL, NULL))
        return false;
    for (size_t i = 0; i < batch_count; i++)
        if (batch[i].outcome == LEDGER_READ || batch[i].outcome == LEDGER_KNOWN)
            learn(&batch[i], false);
    return true;
}

static bool set_contents(struct ledger *ledger)
{
    bool done = true;
    for (int i = 0; done && i < 3 && known_count; i++) {
        struct known *object = &known[below((unsigned)known_count)];
        snprintf(object->content, sizeof object->content, "0badcafe %u", below(1000));
        struct ledger_object changed = as_object(object);
        done = ledger_set_content(ledger, &changed);
    }
    return done;
}

/* Moves the source: keys begin with TO instead of FROM. */
static bool move(struct ledger *ledger, const char *from, const char *to)
{
    struct ledger_owner owner = {"site", "given", "source"};
    size_t kept = 0;
    memcpy(saved, known, known_count * sizeof *known);
    saved_count = known_count;
    for (size_t i = 0; i < saved_count; i++)
        if (strncmp(saved[i].key, from, strlen(from)) != 0)
            known[kept++] = saved[i];
    known_count = kept;
    for (size_t i = 0; i < saved_count; i++)
        if (!strncmp(saved[i].key, from, strlen(from))) {
            struct known moved = saved[i];
            snprintf(moved.key, sizeof moved.key, "%s%s", to, saved[i].key + strlen(from));
            learn(&moved, true);
        }
    return ledger_set_owner(ledger, &owner, from, to);
}

/* Opens the ledger anew, as the next run does. */
static bool open_again(struct ledger **ledger, const char *path)
{
    ledger_close(*ledger);
    return ledger_open(ledger, path, true, &error) == 1;
}

static bool step(struct ledger **ledger, const char *path, unsigned number)
{
    unsigned hour = (number + 1) * HOURS_OF_A_STEP;
    bool any_name = number > STEPS - 5;
    if (!below(3) && !open_again(ledger, path))
        return false;
    if (number == STEPS - 5 + 1 && !ledger_index_contents(*ledger, true))
        return false;
    if (number == STEPS / 2 && !move(*ledger, "cdn/", "logs/cdn/"))
        return false;
    if (number % 4 == 3 && !set_contents(*ledger))
        return false;
    if (!run_batch(*ledger, hour, number))
        return false;
    ask(*ledger, hour, any_name);
    if (getenv("MODEL_TRACE"))
        printf("# step %u: %zu objects, %d blocks\n", number, known_count,
               (int)ledger_file_number(path, "SELECT count(*) FROM block"));
    return true;
}

int main(void)
{
    char directory[SCRATCH_SIZE], path[64];
    struct ledger *ledger = NULL;
    if (!scratch_make(directory))
        return 1;
    snprintf(path, sizeof path, "%s/x.db", directory);
    if (getenv("MODEL_SEED"))
        seed ^= strtoull(getenv("MODEL_SEED"), NULL, 10) << 8;
    bool done = ledger_open(&ledger, path, true, &error) == 1;
    for (unsigned i = 0; done && i < STEPS; i++)
        done = step(&ledger, path, i);
    ok(done, "%d batches: %s", STEPS, done ? "each change is made" : error.data);
    ok(errors == 0, "of %zu objects, %u answers differ from the model", known_count, errors);
    char *corrupt = ledger_inspect(ledger);
    ok(!corrupt, "the ledger is whole: %s", corrupt ? corrupt : "yes");
    free(corrupt);
    ledger_close(ledger);
    buffer_free(&error);
    scratch_remove_ledger(path);
    scratch_end(directory);
    return done_testing();
}
