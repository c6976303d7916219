#include "source/delete_objects.h"

#include <string.h>

#include "s3/error.h"
#include "s3/etag.h"
#include "s3/send.h"
#include "text/buffer.h"
#include "text/xml.h"

enum { HALVES_MAX = 64 }; /* requests that search for keys that the store rejects */

/* One request, and its response. */
struct deletion {
    struct bucket_state *state;
    struct cleaner *cleaner;
    unsigned halves; /* requests so far that search for rejected keys */
    bool knows_many; /* the store has responded to a DeleteObjects */
    bool by_one;     /* the store does not know DeleteObjects */
    unsigned unsent; /* requests for one object that failed in all their tries, in a row */

    struct s3_sent sent;             /* its body is the response */
    struct clean_item *const *items; /* the objects of the request */
    size_t count;

    /* while the response to DeleteObjects is read */
    bool is_result;                   /* the response has a DeleteResult */
    struct buffer key, code, message; /* of the Error that is being read */
    struct buffer unknown;            /* the text of an Error that names none of the objects */
};

/* ---- one request ---------------------------------------------------------------------------- */

/* Sends REQUEST, and waits for its end.  Returns whether it was done. */
static bool send(struct deletion *deletion, struct s3_request request)
{
    struct bucket_state *state = deletion->state;
    return s3_send(request, &state->bucket, state->pool, &deletion->sent);
}

/* Sends a request with the condition; if the store does not know the condition, sends it without.
 * After any other error the condition stays, and the next run tries again. */
static bool send_with_condition(struct deletion *deletion,
                                bool (*send_one)(struct deletion *deletion, bool with_condition))
{
    struct bucket_state *state = deletion->state;
    bool with_condition = !state->without_condition;
    bool is_sent = send_one(deletion, with_condition);
    if (is_sent || !with_condition || !s3_bucket_has_url(&state->bucket) ||
        deletion->sent.reason != S3_UNSUPPORTED)
        return is_sent;
    state->without_condition = is_sent = send_one(deletion, false);
    return is_sent;
}

static bool has_condition(const struct clean_item *item)
{
    return *item->tag && !s3_etag_is_weak(item->tag);
}

static void fail_replaced(const struct deletion *deletion, struct clean_item *item)
{
    item->is_alone = true;
    cleaner_failed(deletion->cleaner, item, DELETE_OBJECTS_REPLACED);
}

/* ---- one object ----------------------------------------------------------------------------- */

static bool send_one_key(struct deletion *deletion, bool with_condition)
{
    const struct clean_item *item = deletion->items[0];
    return send(
        deletion,
        (struct s3_request){.method = S3_DELETE,
                            .key = item->key,
                            .if_match = with_condition && has_condition(item) ? item->tag : NULL});
}

/* Deletes one object by a request of its own.  Returns false when all further ones would fail. */
static bool delete_one(struct deletion *deletion, struct clean_item *const *item)
{
    deletion->items = item;
    deletion->count = 1;
    if (send_with_condition(deletion, send_one_key) || deletion->sent.reason == S3_GONE)
        item[0]->is_done = true;
    else if (deletion->sent.reason == S3_CHANGED)
        fail_replaced(deletion, item[0]);
    else
        cleaner_failed(deletion->cleaner, item[0], deletion->sent.error.data);
    bool is_unsent = !item[0]->is_done && deletion->sent.reason == S3_UNSENT;
    deletion->unsent = is_unsent ? deletion->unsent + 1 : 0;
    return item[0]->is_done ||
           (!deletion->sent.is_everywhere && deletion->unsent < BUCKET_UNSENT_MAX);
}

/* ---- many objects --------------------------------------------------------------------------- */

/* Returns whether XML 1.0 can hold the key (its section 2.2): no control byte except TAB, LF and
 * CR, and neither U+FFFE nor U+FFFF. */
static bool fits_xml(const char *key)
{
    for (const unsigned char *p = (const unsigned char *)key; *p; p++)
        if ((*p < ' ' && !strchr("\t\n\r", *p)) ||
            (p[0] == 0xef && p[1] == 0xbf && (p[2] == 0xbe || p[2] == 0xbf)))
            return false;
    return true;
}

static void add_escaped(struct buffer *xml, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p < ' ' || *p == '<' || *p == '>' || *p == '&' || *p == '"')
            buffer_printf(xml, "&#x%X;", *p);
        else
            buffer_add(xml, p, 1);
    }
}

static bool send_many_keys(struct deletion *deletion, bool with_condition)
{
    struct buffer xml = {0};
    buffer_add_text(&xml, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                          "<Quiet>true</Quiet>");
    for (size_t i = 0; i < deletion->count; i++) {
        buffer_add_text(&xml, "<Object><Key>");
        add_escaped(&xml, deletion->items[i]->key);
        buffer_add_text(&xml, "</Key>");
        if (with_condition && has_condition(deletion->items[i])) {
            buffer_add_text(&xml, "<ETag>&quot;");
            add_escaped(&xml, deletion->items[i]->tag);
            buffer_add_text(&xml, "&quot;</ETag>");
        }
        buffer_add_text(&xml, "</Object>");
    }
    buffer_add_text(&xml, "</Delete>");
    bool is_sent = send(
        deletion,
        (struct s3_request){
            .method = S3_POST, .query = "delete=", .payload = xml.data, .payload_size = xml.size});
    buffer_free(&xml);
    return is_sent;
}

static void start_element(void *user, const char *path)
{
    struct deletion *deletion = user;
    deletion->is_result |= !strcmp(path, "DeleteResult");
}

static bool is_text(const struct buffer *buffer, const char *text)
{
    return buffer->size && !strcmp(buffer->data, text);
}

/* Explains the Error that is being read. */
static void explain(const struct deletion *deletion, struct buffer *text)
{
    struct s3_error error = {.status = 403};
    if (is_text(&deletion->code, "AccessDenied")) {
        strcpy(error.code, "AccessDenied");
        if (deletion->message.size && deletion->message.size < sizeof error.message)
            strcpy(error.message, deletion->message.data);
        s3_error_explain(text, &error, &deletion->state->bucket, "s3:DeleteObject", 0);
    } else {
        buffer_add_text(text, deletion->message.size ? deletion->message.data
                              : deletion->code.size  ? deletion->code.data
                                                     : "the S3 server does not say why");
    }
}

static void fail_item(const struct deletion *deletion, struct clean_item *item)
{
    struct buffer text = {0};
    if (is_text(&deletion->code, "NoSuchKey")) {
        item->is_done = true;
    } else if (is_text(&deletion->code, "PreconditionFailed")) {
        fail_replaced(deletion, item);
    } else {
        explain(deletion, &text);
        cleaner_failed(deletion->cleaner, item, text.data);
    }
    buffer_free(&text);
}

/* Empties a text of the store that repeats a part of the credentials. */
static void leave_out_secret(const struct deletion *deletion, struct buffer *text)
{
    if (text->size && s3_bucket_has_secret_in(&deletion->state->bucket, text->data))
        buffer_clear(text);
}

/* Finds the object of an Error that is complete.  If there is none, the response does not tell
 * which objects are deleted. */
static void end_error(struct deletion *deletion)
{
    bool is_found = false;
    leave_out_secret(deletion, &deletion->code);
    leave_out_secret(deletion, &deletion->message);
    for (size_t i = 0; i < deletion->count; i++) {
        struct clean_item *item = deletion->items[i];
        if (!is_text(&deletion->key, item->key))
            continue;
        is_found = true;
        if (!item->error && !item->is_done)
            fail_item(deletion, item);
    }
    if (!is_found)
        leave_out_secret(deletion, &deletion->key);
    if (!is_found && !deletion->unknown.size)
        buffer_printf(&deletion->unknown, "the S3 server reports an error %s%s: %s",
                      deletion->key.size ? "of another object, " : "without the name of an object",
                      deletion->key.size ? deletion->key.data : "",
                      deletion->message.size ? deletion->message.data
                      : deletion->code.size  ? deletion->code.data
                                             : "it gives no reason");
    buffer_clear(&deletion->key);
    buffer_clear(&deletion->code);
    buffer_clear(&deletion->message);
}

static void end_element(void *user, const char *path, const char *text)
{
    struct deletion *deletion = user;
    if (!strcmp(path, "DeleteResult/Error"))
        end_error(deletion);
    else if (text && !strcmp(path, "DeleteResult/Error/Key"))
        buffer_add_text(&deletion->key, text);
    else if (text && !strcmp(path, "DeleteResult/Error/Code"))
        buffer_add_text(&deletion->code, text);
    else if (text && !strcmp(path, "DeleteResult/Error/Message"))
        buffer_add_text(&deletion->message, text);
}

/* Fails all objects of the request that neither failed nor are done. */
static void fail_rest(struct deletion *deletion, const char *error)
{
    for (size_t i = 0; i < deletion->count; i++)
        if (!deletion->items[i]->error && !deletion->items[i]->is_done)
            cleaner_failed(deletion->cleaner, deletion->items[i], error);
}

/* Reads the response, which names only the objects that were not deleted (Quiet).  Fails all
 * objects and returns false if the response does not tell which these are. */
static bool read_response(struct deletion *deletion)
{
    static const struct xml_handler handler = {.start = start_element, .end = end_element};
    deletion->is_result = false;
    buffer_clear(&deletion->unknown);
    struct xml *xml = xml_new(&handler, deletion);
    bool read = deletion->sent.body.size &&
                xml_add(xml, deletion->sent.body.data, deletion->sent.body.size, true) &&
                deletion->is_result;
    xml_free(xml);
    if (!read || deletion->unknown.size) {
        fail_rest(deletion, read ? deletion->unknown.data
                                 : "the S3 server did not confirm the deletion (DeleteObjects)");
        return false;
    }
    for (size_t i = 0; i < deletion->count; i++)
        deletion->items[i]->is_done |= !deletion->items[i]->error;
    return true;
}

/* Returns whether the store may have rejected the request because of one of its keys. */
static bool may_split(const struct deletion *deletion)
{
    return deletion->sent.reason == S3_UNSUPPORTED && !deletion->sent.is_everywhere &&
           deletion->halves < HALVES_MAX;
}

/* Deletes objects whose keys XML can hold.  Returns false when all further ones would fail. */
static bool delete_many(struct deletion *deletion, struct clean_item *const *items, size_t count)
{
    if (!count)
        return true;
    if (deletion->by_one) {
        bool goes_on = true;
        for (size_t i = 0; goes_on && i < count; i++)
            goes_on = delete_one(deletion, items + i);
        return goes_on;
    }
    deletion->items = items;
    deletion->count = count;
    if (send_with_condition(deletion, send_many_keys)) {
        deletion->knows_many = true;
        return read_response(deletion);
    }
    if (!may_split(deletion)) {
        fail_rest(deletion, deletion->sent.error.data);
        return false;
    }
    deletion->halves++;
    if (count == 1) {
        bool goes_on = delete_one(deletion, items);
        deletion->by_one |= items[0]->is_done && !deletion->knows_many;
        return goes_on;
    }
    return delete_many(deletion, items, count / 2) &&
           delete_many(deletion, items + count / 2, count - count / 2);
}

bool delete_objects(struct bucket_state *state, struct cleaner *cleaner,
                    struct clean_item *const *items, size_t count)
{
    struct deletion deletion = {
        .state = state, .cleaner = cleaner, .sent = {.keeps_body = true, .end = cleaner->end}};
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < count;) {
        size_t end = i;
        while (end < count && fits_xml(items[end]->key))
            end++;
        goes_on = delete_many(&deletion, items + i, end - i);
        if (goes_on && end < count)
            goes_on = delete_one(&deletion, items + end++);
        i = end;
    }
    s3_sent_free(&deletion.sent);
    buffer_free(&deletion.key);
    buffer_free(&deletion.code);
    buffer_free(&deletion.message);
    buffer_free(&deletion.unknown);
    return goes_on;
}
