#include <stdlib.h>
#include <string.h>

#include "values/internal.h"

/* Takes "PROTOCOL://HOST:PORT" from the start of a referer.  False when there is none. */
static bool link_server(const char *text, size_t size, size_t *protocol, size_t *host, size_t *port)
{
    size_t i = 0;
    while (i < size && isWORDCHAR_A(text[i]))
        i++;
    *protocol = i;
    if (i == 0 || size - i < 4 || memcmp(text + i, "://", 3) != 0)
        return false;
    size_t start = i += 3;
    while (i < size && text[i] != '/' && text[i] != ':')
        i++;
    *host = i - start;
    size_t colon = i;
    if (i < size && text[i] == ':') {
        for (i++; i < size && text[i] >= '0' && text[i] <= '9';)
            i++;
    }
    *port = i - colon > 1 ? i - colon : 0;
    return *host > 0;
}

static void take_link(pTHX_ struct values *values, struct referer *referer)
{
    const char *text = referer->value.entry.key;
    size_t size = referer->value.entry.size;
    size_t protocol, host, port;
    if (!link_server(text, size, &protocol, &host, &port))
        return;
    if (protocol < 4 || !foldEQ(text, "http", 4)) {
        referer->kind = REFERER_OTHER;
        return;
    }
    const char *server = text + protocol + 3;
    if (host == 1 && *server == '0')
        return; /* which to Perl is as good as none */
    if (port == 3 && memcmp(server + host, ":80", 3) == 0)
        port = 0;
    referer->kind = REFERER_LINK;
    referer->server = values_get(&values->servers, server, host + port);
    referer->has_query = memchr(text, '?', size) != NULL;
    size_t page = 0;
    while (page < size && !values->separator[(unsigned char)text[page]])
        page++;
    referer->page = item_new(aTHX_ text, values->referer_with_query || page == 0 ? size : page);
}

struct referer *values_referer(pTHX_ struct values *values, const struct field *field)
{
    struct referer *referer = values_get(&values->referers, field->text, field->size);
    if (referer->asked)
        return referer;
    if (field_is(field, "-") || field_is(field, "bookmarks"))
        referer->kind = REFERER_DIRECT;
    else
        take_link(aTHX_ values, referer);
    referer->dropped = values->ask[ASK_REFERER_LISTS] &&
                       values_ask_whether(aTHX_ values, ASK_REFERER_LISTS, &referer->value.entry);
    referer->asked = true;
    return referer;
}

bool values_server(pTHX_ struct values *values, struct server *server)
{
    if (server->known)
        return true;
    SV *key = values_text(aTHX_ server->entry.key, server->entry.size);
    SV *kind = values_remembered(aTHX_ values->server_of, key);
    if (kind) {
        server->own = values_is_character(aTHX_ kind, '=');
        if (!server->own) {
            server->engine = values_name_of(aTHX_ values, NAME_ENGINE, kind);
            server->phrase_in_path =
                values_remembered(aTHX_ values->engines_without_query, kind) != NULL;
        }
    } else if (server->left_to_awstats != values->counters->generation) {
        /* AWStats does not remember what is neither its own nor a search engine; and it forgets all
         * when it empties its hashes. */
        return false;
    }
    return server->known = true;
}

struct item *values_phrase(pTHX_ struct values *values, struct referer *referer)
{
    const struct server *server = referer->server;
    bool may_have = referer->has_query || server->phrase_in_path;
    if (!referer->phrase_asked && may_have && values->ask[ASK_PHRASE]) {
        const struct entry *engine = &server->engine->entry, *entry = &referer->value.entry;
        unsigned answers;
        SV *argument[] = {values_text(aTHX_ entry->key, entry->size),
                          values_text(aTHX_ engine->key, engine->size)};
        SV **answer = values_ask(aTHX_ values, ASK_PHRASE, argument, 2, &answers);
        if (answers > 0)
            referer->phrase = values_item_of(aTHX_ answer[0]);
        values_answered(aTHX);
    }
    referer->phrase_asked = true;
    return referer->phrase.key ? &referer->phrase : NULL;
}

void values_release_referer(void *entry, void *context)
{
    struct referer *referer = entry;
    dTHXa(context);
    item_free(aTHX_ referer->page);
    item_free(aTHX_ referer->phrase);
    free(referer->value.found);
}
