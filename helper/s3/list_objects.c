#include "s3/list_objects.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "s3/list_piece.h"
#include "text/message.h"

/* The page that comes next may be as large as s3/list_page.h allows.  All others, under way or
 * waiting, take at most HELD_MAX bytes of memory, if none is larger than the largest page so far.
 * The document of each may have LARGER times the bytes of that page, and LARGER_BY. */
enum {
    HELD_MAX = 4 * 1024 * 1024,
    LARGER = 4, /* an object takes three to four times as many bytes in the document as in memory */
    LARGER_BY = 256 * 1024,
    WIDTH_FIRST = 2 /* guesses that are made at first */
};

/* Compares keys; NULL comes before all. */
static int compare(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

/* ---- the pieces ----------------------------------------------------------------------------- */

/* Puts the piece behind BEFORE; NULL: in front of all. */
static void insert(struct s3_list *list, struct s3_piece *before, struct s3_piece *piece)
{
    struct s3_piece **at = before ? &before->next : &list->pieces;
    piece->next = *at;
    *at = piece;
}

static void take_out(struct s3_list *list, struct s3_piece *piece)
{
    struct s3_piece **at = &list->pieces;
    while (*at != piece)
        at = &(*at)->next;
    *at = piece->next;
    if (piece->is_here)
        list->held -= piece->size;
}

/* Takes out a piece, and frees it; if its request is under way, end_piece() frees it. */
static void drop(struct s3_list *list, struct s3_piece *piece)
{
    take_out(list, piece);
    if (!piece->is_under_way) {
        s3_piece_free(piece);
        return;
    }
    piece->is_dropped = true;
    list->under_way--;
    s3_request_cancel(&piece->request, list->pool);
}

/* Allows one guess more, after one that was of use. */
static void widen(struct s3_list *list)
{
    list->width += list->width < S3_LIST_REQUESTS_MAX;
}

/* Drops the piece behind BEFORE, whose page the list does not need.  A guess was of use if its page
 * is here and BEFORE, a page that the store named, has reached it.  A guess was of no use if
 * another guess makes it needless. */
static void drop_next(struct s3_list *list, struct s3_piece *before)
{
    const struct s3_piece *next = before->next;
    if (next->is_guess && before->is_guess)
        list->width -= list->width / 2;
    else if (next->is_guess && next->is_here)
        widen(list);
    drop(list, before->next);
}

/* Drops the pieces behind BEFORE; NULL: all. */
static void drop_behind(struct s3_list *list, struct s3_piece *before)
{
    struct s3_piece **next = before ? &before->next : &list->pieces;
    while (*next)
        drop(list, *next);
}

/* ---- the end -------------------------------------------------------------------------------- */

/* Calls the caller's done(), once. */
static void finish(struct s3_list *list, const struct s3_outcome *outcome)
{
    list->is_over = true;
    list->done(list->user, outcome);
}

static void end_list(struct s3_list *list, enum s3_result result)
{
    struct s3_outcome outcome = list->latest;
    drop_behind(list, NULL);
    outcome.result = result;
    finish(list, &outcome);
}

/* ---- a page is given ------------------------------------------------------------------------ */

static bool is_skipped(struct s3_list *list, const char *key)
{
    if (!list->skip || (list->up_to.size && strcmp(key, list->up_to.data) <= 0))
        return list->skip != NULL;
    buffer_clear(&list->up_to);
    list->skip(list->user, key, &list->up_to);
    return list->up_to.size && strcmp(key, list->up_to.data) <= 0;
}

static bool is_folder(const struct s3_object *object)
{
    size_t size = strlen(object->key);
    return size && object->key[size - 1] == '/' && !object->size;
}

/* Returns whether an earlier page had the object.  Of a key with a NUL byte, only the part before
 * it is known. */
static bool is_repeated(const struct s3_object *object, const char *before)
{
    int order = compare(object->key, before);
    return order < 0 || (order == 0 && !object->has_nul);
}

/* Warns, once in a list, that objects whose keys have a NUL byte are left out. */
static void tell_nul(struct s3_list *list, const struct s3_object *object)
{
    if (!list->has_told_nul)
        message_warning("s3://%s/%s%%00...: objects with a NUL byte (%%00) in their keys are left "
                        "out, since no log has such a key; delete this one if nobody needs it",
                        list->bucket->uri.bucket, object->key);
    list->has_told_nul = true;
}

/* Gives the objects of a page to found(), except those that an earlier page had.  Returns false if
 * found() ended the list. */
static bool give_objects(struct s3_list *list, struct s3_piece *piece)
{
    struct s3_page *page = &piece->page;
    char *before = list->last_key;
    const char *reach = s3_piece_reach(piece);
    bool is_further = compare(reach, before) > 0, goes_on = true;
    if (is_further)
        list->last_key = memory_copy_text(reach);
    if (is_further && piece->is_guess)
        widen(list);
    for (size_t i = 0; goes_on && i < page->count; i++) {
        struct s3_object object = page->objects[i];
        if (is_repeated(&object, before))
            continue;
        if (object.has_nul)
            tell_nul(list, &object);
        if (object.has_nul || is_folder(&object) || is_skipped(list, object.key))
            continue;
        page->objects[i].key = NULL;
        goes_on = list->found(list->user, object);
    }
    if (is_further)
        free(before);
    return goes_on;
}

/* ---- the order of the pieces ---------------------------------------------------------------- */

/* Returns whether the list can do without the piece behind this one, whose page reaches REACH.  A
 * guess in front of the first key of this page would bring the same page.  Any piece is needless if
 * the one behind it begins within this page. */
static bool is_next_needless(const struct s3_piece *piece, const char *reach)
{
    const struct s3_piece *next = piece->next;
    if (!next)
        return false;
    bool is_same_page =
        next->is_guess && piece->page.count && compare(next->after, piece->page.objects[0].key) < 0;
    return is_same_page || (next->next && compare(next->next->after, reach) <= 0);
}

/* Adds the piece behind a page, with the token that the page gives. */
static void follow(struct s3_list *list, struct s3_piece *piece, const char *reach)
{
    struct s3_piece *next = s3_piece_new(list, reach, piece->page.next);
    next->empty_pages = s3_piece_advances(piece) ? 0 : piece->empty_pages + 1;
    insert(list, piece, next);
}

/* Drops the pieces that the pages which are here make needless, and adds those that are missing
 * between pages. */
static void connect(struct s3_list *list)
{
    for (struct s3_piece *piece = list->pieces; piece; piece = piece->next) {
        if (!piece->is_here)
            continue;
        const char *reach = s3_piece_reach(piece);
        if (!piece->page.next) {
            drop_behind(list, piece);
            return;
        }
        while (is_next_needless(piece, reach))
            drop_next(list, piece);
        bool is_connected = piece->next && compare(piece->next->after, reach) <= 0;
        /* Behind an empty page, only the first piece goes on: empty pages follow one after the
         * other. */
        if (!is_connected && (s3_piece_advances(piece) || piece == list->pieces))
            follow(list, piece, reach);
    }
}

/* Returns a piece that begins behind a key which no page names.  A store that sends no token may know only the first
 * version of the request, and take the key as marker. */
static struct s3_piece *begin_behind(struct s3_list *list, const char *key)
{
    return s3_piece_new(list, key, list->token && !*list->token ? "" : NULL);
}

/* Begins anew behind the keys that are skipped, if they reach beyond the page that found() has
 * had. */
static void leap(struct s3_list *list)
{
    if (list->without_start || !list->up_to.size || compare(list->last_key, list->up_to.data) >= 0)
        return;
    drop_behind(list, NULL);
    insert(list, NULL, begin_behind(list, list->up_to.data));
}

/* Gives found() the pages at the front that are here.  Returns false when the list has ended. */
static bool give_pages(struct s3_list *list)
{
    connect(list);
    while (list->pieces && list->pieces->is_here) {
        struct s3_piece *piece = list->pieces;
        bool is_last = !piece->page.next;
        if (compare(s3_piece_reach(piece), list->last_key) >= 0) {
            free(list->token);
            list->token = piece->page.next;
            piece->page.next = NULL;
        }
        bool goes_on = give_objects(list, piece);
        drop(list, piece);
        if (!goes_on || is_last) {
            end_list(list, goes_on ? S3_DONE : S3_STOPPED);
            return false;
        }
        leap(list);
        connect(list);
    }
    return true;
}

/* ---- requests ------------------------------------------------------------------------------- */

static void end_piece(struct s3_request *request, const struct s3_outcome *outcome);

static void start(struct s3_list *list, struct s3_piece *piece)
{
    list->under_way++;
    if (piece != list->pieces)
        piece->most = LARGER * list->largest + LARGER_BY;
    s3_piece_start(piece, list->bucket, list->pool, end_piece);
}

/* Returns whether another page may be requested beside the one that comes next. */
static bool has_room(const struct s3_list *list)
{
    return list->guess && list->under_way < S3_LIST_REQUESTS_MAX &&
           list->held + list->under_way * list->largest < HELD_MAX &&
           http_pool_has_room(list->pool);
}

/* Returns the first piece that can be sent now, NULL: none. */
static struct s3_piece *find_startable(const struct s3_list *list)
{
    struct s3_piece *piece = list->pieces;
    while (piece && (piece->is_here || piece->is_under_way))
        piece = piece->next;
    return piece && (piece == list->pieces || has_room(list)) ? piece : NULL;
}

/* Returns a new piece at a guessed key, behind all others; NULL: there is none. */
static struct s3_piece *add_guess(struct s3_list *list)
{
    struct s3_piece *tail = list->pieces;
    struct buffer key = {0};
    unsigned guesses = 0;
    if (!tail || !list->first.size || !has_room(list))
        return NULL;
    for (; tail->next; tail = tail->next)
        guesses += tail->is_guess;
    if (tail->is_here && !tail->page.next)
        return NULL; /* the last page */
    const char *from = tail->is_here ? s3_piece_reach(tail) : tail->after;
    if (guesses + tail->is_guess < list->width && from)
        list->guess(list->first.data, list->last.data, from, &key);
    struct s3_piece *piece = NULL;
    if (key.size && strcmp(key.data, from) > 0) {
        piece = begin_behind(list, key.data);
        piece->is_guess = true;
        insert(list, tail, piece);
    }
    buffer_free(&key);
    return piece;
}

/* Sends all requests that may be sent.  A request that cannot be sent ends at once, and the list
 * may end with it. */
static void start_all(struct s3_list *list)
{
    struct s3_piece *piece;
    while (!list->is_over && ((piece = find_startable(list)) || (piece = add_guess(list))))
        start(list, piece);
}

/* Stores the first and the last key of a page, if it is the furthest one so far. */
static void keep_extent(struct s3_list *list, const struct s3_page *page)
{
    if (!page->count)
        return;
    const char *last = page->objects[page->count - 1].key;
    if (list->last.size && strcmp(last, list->last.data) <= 0)
        return;
    buffer_clear(&list->first);
    buffer_clear(&list->last);
    buffer_add_text(&list->first, page->objects[0].key);
    buffer_add_text(&list->last, last);
}

static void take_page(struct s3_list *list, struct s3_piece *piece)
{
    piece->is_here = true;
    list->held += piece->size;
    if (list->largest < piece->size)
        list->largest = piece->size;
    keep_extent(list, &piece->page);
}

/* Returns whether the response shows that the store does not know start-after: the store refuses it, or lists the keys
 * before it, too. */
static bool shows_no_start(const struct s3_piece *piece, const struct s3_outcome *outcome)
{
    bool is_refused = piece->is_from_start || outcome->reason == S3_UNSUPPORTED;
    return outcome->result != S3_DONE && piece->after && !piece->token && is_refused;
}

/* Drops a guess that has failed, or a page that was too large or cannot be had by start-after.  The list goes on
 * without guesses, behind the last key that found() has had. */
static void do_without(struct s3_list *list, struct s3_piece *piece)
{
    bool is_first = piece == list->pieces;
    list->guess = NULL;
    drop(list, piece);
    const char *after = list->without_start && !list->token ? NULL : list->last_key;
    if (is_first)
        insert(list, NULL, s3_piece_new(list, after, list->token));
}

static void end_piece(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct s3_piece *piece = request->user;
    struct s3_list *list = piece->list;
    piece->is_under_way = false;
    if (piece->is_dropped) {
        s3_piece_free(piece);
        return;
    }
    list->under_way--;
    if (list->is_over)
        return;
    bool is_done = outcome->result == S3_DONE;
    if (outcome->result == S3_STOPPED) {
        finish(list, outcome); /* the pool ends the other requests itself */
        return;
    }
    bool is_without_start = shows_no_start(piece, outcome);
    bool is_needless = piece->is_guess || piece->is_too_large || is_without_start;
    list->without_start |= is_without_start;
    if (!is_done && (!is_needless || outcome->everywhere)) {
        drop_behind(list, NULL);
        finish(list, outcome);
        return;
    }
    if (is_done) {
        list->latest = *outcome;
        list->latest.error = NULL;
        list->latest.etag = "";
        take_page(list, piece);
    } else {
        do_without(list, piece);
    }
    if (give_pages(list))
        start_all(list);
}

void s3_list_start(struct s3_list *list, struct s3_bucket *bucket, struct http_pool *pool,
                   const char *prefix)
{
    list->pool = pool;
    list->bucket = bucket;
    list->prefix = prefix;
    list->width = WIDTH_FIRST;
    list->pieces = s3_piece_new(list, NULL, NULL);
    start(list, list->pieces);
}

void s3_list_free(struct s3_list *list)
{
    drop_behind(list, NULL);
    buffer_free(&list->first);
    buffer_free(&list->last);
    buffer_free(&list->up_to);
    free(list->last_key);
    free(list->token);
    list->last_key = list->token = NULL;
}
