/* A simple model of the objects that a ledger knows, and random objects for both.  Most objects are like
 * CloudFront's in a bucket; the others differ from these in one part. */
#ifndef KNOWN_OBJECTS_H
#define KNOWN_OBJECTS_H

#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"
#include "ledger/log_name.h"
#include "tap.h"
#include "text/buffer.h"

/* AddressSanitizer makes the test six times slower. */
#ifdef __SANITIZE_ADDRESS__
enum { STEPS = 20, PROBES = 40 };
#else
enum { STEPS = 36, PROBES = 60 };
#endif
enum { HOURS_OF_A_STEP = 30, KNOWN_MAX = 40000, BATCH_MAX = 1500 };

struct known {
    char key[96], tag[48], content[24], digest[56];
    uint64_t size;
    enum ledger_outcome outcome; /* in a batch */
};

static struct known known[KNOWN_MAX], saved[KNOWN_MAX], batch[BATCH_MAX];
static size_t known_count, saved_count, batch_count;
static unsigned long long seed = 88172645463325252ULL;
static struct buffer error;
static unsigned errors;

static unsigned below(unsigned limit)
{
    return (unsigned)(next_random(&seed) >> 20) % limit;
}

/* Reports a difference; the first few of them in full. */
static void differ(const char *question, const char *about, const char *got, const char *want)
{
    if (errors++ < 5)
        printf("# %s: %s\n#  got: %s\n# want: %s\n", question, about, got, want);
}

static void check(const char *question, const char *about, int got, int want)
{
    char got_text[16], want_text[16];
    if (got == want)
        return;
    snprintf(got_text, sizeof got_text, "%d", got);
    snprintf(want_text, sizeof want_text, "%d", want);
    differ(question, about, got_text, want_text);
}

static void check_text(const char *question, const char *about, const struct buffer *got,
                       const struct buffer *want)
{
    const char *got_text = got->size ? got->data : "", *want_text = want->size ? want->data : "";
    if (strcmp(got_text, want_text) != 0)
        differ(question, about, got_text, want_text);
}

/* ---- objects ---- */

static void write_hex(char *out, size_t digits)
{
    for (size_t i = 0; i < digits; i++)
        snprintf(out + i, 2, "%x", below(16));
}

/* Writes the key of a log of this hour, in a folder of one of several layouts. */
static void write_key(struct known *object, unsigned hour, const char *id)
{
    static const char *const distributions[] = {"E1MODEL.", "E2MODEL.", "E1MODELX."};
    static const char *const ends[] = {".gz", ".gz", ".gz", ".gz", ".gz", ".gz", "", ".zst"};
    const unsigned month = 1 + hour / 24 / 28, day = 1 + hour / 24 % 28;
    char folder[40] = "cdn/";
    switch (below(12)) {
    case 0:
        folder[0] = '\0';
        break;
    case 1:
        snprintf(folder, sizeof folder, "old/\xc3\xa9/");
        break;
    case 2:
    case 3:
    case 4:
        snprintf(folder, sizeof folder, "by/2026/%02u/%02u/%02u/", month, day, hour % 24);
        break;
    }
    snprintf(object->key, sizeof object->key, "%s%s2026-%02u-%02u-%02u.%s%s", folder,
             distributions[below(20) ? below(2) : 2], month, day, hour % 24, id, ends[below(8)]);
}

/* Makes an object that differs from all others. */
static void make_object(struct known *object, unsigned hour)
{
    char id[12], hex[40];
    *object = (struct known){.size = 300 + below(1U << (4 + below(20)))};
    write_hex(id, below(40) ? 8 : 7);
    if (!below(60))
        id[0] = 'G';
    write_key(object, hour, id);
    if (!below(40))
        snprintf(object->key, sizeof object->key, "other/name-%u", below(100000));
    write_hex(object->tag, 32);
    write_hex(hex, 24);
    if (below(30))
        snprintf(object->digest, sizeof object->digest, "%llu %s",
                 (unsigned long long)object->size * 6 + below(5000), hex);
    switch (below(40)) {
    case 0:
        snprintf(object->tag + 32, sizeof object->tag - 32, "-3");
        break;
    case 1:
        snprintf(object->tag, sizeof object->tag, "1790000000.%09u", below(1000000000));
        snprintf(object->content, sizeof object->content, "%.8s %u", hex, below(100000));
        break;
    case 2:
        object->tag[below(32)] = 'A';
        break;
    case 3:
        object->size = UINT64_C(1) << (38 + below(12));
        break;
    case 4:
        snprintf(object->digest, sizeof object->digest, "0%u %s", below(1000), hex);
        break;
    }
}

/* Makes an object that differs from a known one in one part. */
static void make_similar(struct known *object, unsigned hour)
{
    const struct known *other = &known[below((unsigned)known_count)];
    const char *name = strrchr(other->key, '/');
    char digit[2];
    struct known made;
    make_object(&made, hour);
    name = name ? name + 1 : other->key;
    switch (below(6)) {
    case 0: /* replaced */
        *object = *other;
        snprintf(object->tag, sizeof object->tag, "%s", made.tag);
        return;
    case 1: /* another size */
        *object = *other;
        object->size = made.size;
        return;
    case 2: /* in another folder */
        *object = *other;
        snprintf(object->key, sizeof object->key, "moved/%s", name);
        return;
    case 3: /* compressed anew */
        *object = made;
        snprintf(object->key, sizeof object->key, "%.80s%s", other->key, below(2) ? ".gz" : ".zst");
        memcpy(object->digest, other->digest, sizeof object->digest);
        return;
    case 4: /* one byte of the key */
        *object = *other;
        snprintf(digit, sizeof digit, "%x", below(16));
        object->key[below((unsigned)strlen(object->key))] = digit[0];
        return;
    default: /* the very same */
        *object = *other;
    }
}

static struct ledger_object as_object(const struct known *object)
{
    return (struct ledger_object){.key = object->key,
                                  .tag = object->tag,
                                  .size = object->size,
                                  .modified = 1,
                                  .time = 1769904000,
                                  .content = object->content,
                                  .digest = object->digest};
}

/* ---- the model ---- */

static bool is_same(const struct known *a, const struct known *b)
{
    return a->size == b->size && !strcmp(a->key, b->key) && !strcmp(a->tag, b->tag);
}

static struct known *find(const struct known *object)
{
    for (size_t i = 0; i < known_count; i++)
        if (is_same(&known[i], object))
            return &known[i];
    return NULL;
}

/* Makes an object known.  REPLACE: replaces one that is known already. */
static void learn(const struct known *object, bool replace)
{
    struct known *before = find(object);
    if (!before)
        known[known_count++] = *object;
    else if (replace)
        *before = *object;
}

static int compare_names(const char *a, const char *b)
{
    size_t a_size, b_size;
    const char *a_name = log_name(a, &a_size), *b_name = log_name(b, &b_size);
    int order = memcmp(a_name, b_name, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* Orders as an index of content, size, key and tag does. */
static int compare_rows(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    int order = strcmp(x->content, y->content);
    if (!order)
        order = ((int64_t)x->size > (int64_t)y->size) - ((int64_t)x->size < (int64_t)y->size);
    if (!order)
        order = strcmp(x->key, y->key);
    return order ? order : strcmp(x->tag, y->tag);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct known *)a)->key, ((const struct known *)b)->key);
}

static int compare_by_name(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    int order = compare_names(x->key, y->key);
    if (!order)
        order = strcmp(x->key, y->key);
    if (!order)
        order = strcmp(x->tag, y->tag);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static void show(struct buffer *out, const struct ledger_object *object)
{
    buffer_printf(out, "%s %s %llu %s %s\n", object->key, object->tag,
                  (unsigned long long)object->size, object->content, object->digest);
}

static bool add_object(void *user, const struct ledger_object *object)
{
    show(user, object);
    return true;
}

static bool add_namesake(void *user, const struct ledger_object *object, bool in_batch)
{
    if (!in_batch)
        show(user, object);
    return true;
}

/* A search of the model: which known objects it finds. */
struct wanted {
    const char *namesake;           /* of this key; NULL: all */
    const char *content, *digest;   /* NULL: any */
    const char *tag;                /* NULL: any; "" is no ETag */
    const char *before;             /* a text that stands before each; NULL: none */
    uint64_t size;                  /* LEDGER_ANY_SIZE */
    bool or_no_digest, or_any_name; /* as of ledger_visit_texts() */
};

static bool is_wanted(const struct wanted *wanted, const struct known *object)
{
    bool is_namesake = !wanted->namesake || !compare_names(wanted->namesake, object->key);
    bool has_digest = !wanted->digest || !strcmp(wanted->digest, object->digest);
    if (wanted->or_no_digest)
        return (is_namesake && !*object->digest) ||
               ((is_namesake || wanted->or_any_name) && has_digest);
    if (wanted->tag && (!*wanted->tag || strcmp(wanted->tag, object->tag) != 0))
        return false;
    return is_namesake && has_digest &&
           (!wanted->content || !strcmp(wanted->content, object->content)) &&
           (wanted->size == LEDGER_ANY_SIZE || wanted->size == object->size);
}

static void add_wanted(struct buffer *out, const struct wanted *wanted,
                       int (*compare)(const void *, const void *))
{
    static struct known found[KNOWN_MAX];
    size_t count = 0;
    for (size_t i = 0; i < known_count; i++)
        if (is_wanted(wanted, &known[i]))
            found[count++] = known[i];
    if (count)
        qsort(found, count, sizeof *found, compare);
    for (size_t i = 0; i < count; i++) {
        struct ledger_object object = as_object(&found[i]);
        if (wanted->before)
            buffer_printf(out, "%s ", wanted->before);
        show(out, &object);
    }
}

#endif
