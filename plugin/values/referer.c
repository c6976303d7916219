#include <stdlib.h>
#include <string.h>

#include "normalized/ascii.h"
#include "values/internal.h"

/* PROTOCOL://HOST
 * PROTOCOL://HOST:PORT
 * Stores the sizes of the parts at the start of a referrer; the size of PORT includes the colon.  Returns false if
 * the referrer has another form.  Mirrors the pattern $regrefererserver. */
static bool split_link(const char *text, size_t size, size_t *protocol, size_t *host, size_t *port)
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
        for (i++; i < size && ascii_is_digit(text[i]);)
            i++;
    }
    *port = i - colon > 1 ? i - colon : 0;
    return *host > 0;
}

/* Mirrors the update loop from "Analyze: Referer", "HTML link ?"; the key of the page is that of
 * "We discard query for referer". */
static void classify_link(pTHX_ struct values *values, struct referer *referer)
{
    const char *text = referer->class.entry.key;
    size_t size = referer->class.entry.size;
    size_t protocol, host, port;
    if (!split_link(text, size, &protocol, &host, &port))
        return;
    if (protocol < 4 || !foldEQ(text, "http", 4)) {
        referer->kind = REFERER_OTHER;
        return;
    }
    const char *server = text + protocol + 3;
    if (host == 1 && *server == '0')
        return; /* Perl takes "0" for false */
    if (port == 3 && memcmp(server + host, ":80", 3) == 0)
        port = 0;
    referer->kind = REFERER_LINK;
    referer->server = values_entry(values, &values->servers, server, host + port);
    referer->has_query = memchr(text, '?', size) != NULL;
    size_t page = values_size_without_query(values, text, size);
    referer->page_size = page == 0 ? size : page;
}

struct referer *values_referer(pTHX_ struct values *values, const struct record *record)
{
    struct referer *referer = values_entry_of(values, &values->referers, record, COLUMN_REFERER);
    if (referer->classified)
        return referer;
    if (values_are_alone(values) && values->callback[CALLBACK_REFERER_LISTS])
        return NULL;
    const struct field field = record_field(record, COLUMN_REFERER);
    if (record_field_is(&field, "-") || record_field_is(&field, "bookmarks"))
        referer->kind = REFERER_DIRECT;
    else
        classify_link(aTHX_ values, referer);
    referer->dropped =
        values->callback[CALLBACK_REFERER_LISTS] &&
        values_call_flag(aTHX_ values, CALLBACK_REFERER_LISTS, &referer->class.entry);
    referer->classified = true;
    return referer;
}

/* Mirrors the update loop from "Kind of origin": reads %TmpRefererServer, where AWStats remembers which servers
 * belong to the site and which are search engines.  AWStats does not remember other servers, and forgets all when
 * it empties its hashes.  So a server that is not remembered is another one only if AWStats has got a record of
 * the server since then. */
bool values_server(pTHX_ struct values *values, struct server *server)
{
    if (server->known)
        return true;
    if (values_are_alone(values))
        return false;
    SV *key = values_text(aTHX_ server->entry.key, server->entry.size);
    SV *kind = values_remembered(aTHX_ values->server_of, key);
    if (kind) {
        server->own = values_is_character(aTHX_ kind, '=');
        if (!server->own) {
            server->engine = values_name_of(aTHX_ values, NAME_ENGINE, kind);
            server->phrase_in_path =
                values_remembered(aTHX_ values->engines_without_query, kind) != NULL;
        }
    } else if (server->delegated != values->generation) {
        return false;
    }
    return server->known = true;
}

void values_server_delegated(const struct values *values, struct server *server)
{
    server->delegated = values->generation;
}

/* The callback mirrors the update loop from "we will complete %_keyphrases hash array". */
bool values_phrase(pTHX_ struct values *values, struct referer *referer)
{
    const struct server *server = referer->server;
    bool may_have = referer->has_query || server->phrase_in_path;
    if (referer->phrase_known)
        return true;
    if (may_have && values->callback[CALLBACK_PHRASE]) {
        if (values_are_alone(values))
            return false;
        const struct entry *engine = &server->engine->entry, *entry = &referer->class.entry;
        unsigned results;
        SV *argument[] = {values_text(aTHX_ entry->key, entry->size),
                          values_text(aTHX_ engine->key, engine->size)};
        SV **result = values_call(aTHX_ values, CALLBACK_PHRASE, argument, 2, &results);
        STRLEN size;
        const char *phrase = results > 0 ? SvPV_const(result[0], size) : NULL;
        referer->phrase = phrase ? newSVpvn(phrase, size) : NULL;
        values_call_end(aTHX);
    }
    return referer->phrase_known = true;
}

void values_release_referer(void *entry, void *context)
{
    struct referer *referer = entry;
    dTHXa(context);
    SvREFCNT_dec(referer->phrase);
    free(referer->class.found);
}
