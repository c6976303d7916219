#include "unique/recent_ids.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "unique/id_file.h"

enum {
    REACH_S = 48 * 3600,        /* records of one request are found up to so far apart */
    AHEAD_MAX = ID_SET_MAX / 2, /* stored IDs in the set, up to which later ones are added */
};

struct recent_ids {
    struct buffer *error;
    char *before, *after; /* NULL: there is none */
    EVP_MD_CTX *digest;
    struct id_set set;
    struct id_file ahead;        /* BEFORE, read for the set */
    struct id_file behind;       /* BEFORE again, read later, to copy IDs to AFTER */
    struct timed_id next_ahead;  /* the last ID read from AHEAD, not yet in the set */
    struct timed_id next_behind; /* the last ID read from BEHIND, not yet copied */
    bool has_ahead, has_behind;
    struct id_file written; /* AFTER */
    uint32_t oldest;        /* IDs before this time are not copied to AFTER */
};

/* Reads the next ID of a file.  Returns false after an error. */
static bool advance(struct id_file *file, struct timed_id *next, bool *has_next)
{
    int more = id_file_next(file, next);
    *has_next = more > 0;
    return more >= 0;
}

static bool open_files(struct recent_ids *ids)
{
    if (ids->before && (!id_file_read(&ids->ahead, ids->before, ids->error) ||
                        !id_file_read(&ids->behind, ids->before, ids->error) ||
                        !advance(&ids->ahead, &ids->next_ahead, &ids->has_ahead) ||
                        !advance(&ids->behind, &ids->next_behind, &ids->has_behind)))
        return false;
    if (ids->ahead.last_time > REACH_S)
        ids->oldest = ids->ahead.last_time - REACH_S;
    return !ids->after || id_file_write(&ids->written, ids->after, ids->error);
}

struct recent_ids *recent_ids_open(const char *before, const char *after, struct buffer *error)
{
    struct recent_ids *ids = memory_allocate(1, sizeof *ids);
    ids->error = error;
    ids->before = memory_copy_optional(before);
    ids->after = memory_copy_optional(after);
    ids->digest = EVP_MD_CTX_new();
    if (!ids->digest)
        memory_exhausted();
    if (open_files(ids))
        return ids;
    recent_ids_close(ids);
    return NULL;
}

static struct id make_id(struct recent_ids *ids, const char *text, size_t size)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    struct id id;
    if (!EVP_DigestInit_ex(ids->digest, EVP_sha256(), NULL) ||
        !EVP_DigestUpdate(ids->digest, text, size) || !EVP_DigestFinal_ex(ids->digest, bytes, NULL))
        memory_exhausted();
    memcpy(&id, bytes, sizeof id);
    id.word[0] |= !id.word[0] && !id.word[1]; /* an ID of zeros would be a free slot */
    return id;
}

/* Adds stored IDs to the set: all from REACH_S before TIME to TIME, and later ones up to REACH_S after TIME as far
 * as AHEAD_MAX allows. */
static bool read_ahead(struct recent_ids *ids, uint32_t time)
{
    const struct id_queue *stored = &ids->set.queue[ID_STORED];
    while (ids->has_ahead &&
           (ids->next_ahead.time <= time ||
            (ids->next_ahead.time - time <= REACH_S && stored->count < AHEAD_MAX))) {
        if (ids->next_ahead.time + (uint64_t)REACH_S >= time)
            id_set_add(&ids->set, ID_STORED, &ids->next_ahead);
        id_set_forget(&ids->set, 0, time);
        if (!advance(&ids->ahead, &ids->next_ahead, &ids->has_ahead))
            return false;
    }
    return true;
}

/* Copies the stored IDs up to TIME to AFTER. */
static bool copy_behind(struct recent_ids *ids, uint32_t time)
{
    while (ids->after && ids->has_behind && ids->next_behind.time <= time) {
        if (ids->next_behind.time >= ids->oldest && !id_file_put(&ids->written, &ids->next_behind))
            return false;
        if (!advance(&ids->behind, &ids->next_behind, &ids->has_behind))
            return false;
    }
    return true;
}

int recent_ids_add(struct recent_ids *ids, uint32_t time, const char *text, size_t size)
{
    struct timed_id id = {make_id(ids, text, size), time};
    id_set_forget(&ids->set, time > REACH_S ? time - REACH_S : 0, time);
    if (!read_ahead(ids, time) || !copy_behind(ids, time))
        return -1;
    if (!id_set_add(&ids->set, ID_NEW, &id))
        return 0;
    if (ids->after && time >= ids->oldest && !id_file_put(&ids->written, &id))
        return -1;
    return 1;
}

bool recent_ids_finish(struct recent_ids *ids)
{
    return !ids->after || (copy_behind(ids, UINT32_MAX) && id_file_finish(&ids->written));
}

void recent_ids_close(struct recent_ids *ids)
{
    if (!ids)
        return;
    id_file_close(&ids->ahead);
    id_file_close(&ids->behind);
    id_file_close(&ids->written);
    id_set_free(&ids->set);
    EVP_MD_CTX_free(ids->digest);
    free(ids->before);
    free(ids->after);
    free(ids);
}
