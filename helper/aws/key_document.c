#include "aws/key_document.h"

#include <string.h>

#include "memory/allocate.h"
#include "text/plain.h"

enum { WORDS_MAX = 300 }; /* bytes */

bool key_document_read(struct credentials *keys, const struct document *document, const char *token,
                       struct buffer *error)
{
    const char *key_id = document_text(document, NULL, "AccessKeyId");
    const char *secret = document_text(document, NULL, "SecretAccessKey");
    const char *session = document_text(document, NULL, token);
    const char *expires = document_text(document, NULL, "Expiration");
    int64_t time = credentials_read_expiry(expires), number;
    if (!key_id || !secret) {
        buffer_printf(error, "has no %s", key_id ? "SecretAccessKey" : "AccessKeyId");
        return false;
    }
    if (document_integer(document, NULL, "Expiration", &number) ||
        (expires && time == CREDENTIALS_NO_EXPIRY)) {
        buffer_add_text(error, "has an Expiration that is no time such as 2026-11-27T08:00:00Z");
        return false;
    }
    keys->key_id = memory_copy_text(key_id);
    keys->secret = memory_copy_text(secret);
    keys->token = memory_copy_optional(session);
    keys->expires = time;
    return true;
}

void key_document_add_words(struct buffer *out, const char *text, const struct secrets *secrets)
{
    char words[WORDS_MAX + 1];
    size_t size = 0;
    if (!text || secrets_are_in(secrets, text))
        return;
    bool has_space = true; /* so that no space comes first */
    for (; *text && size < WORDS_MAX; text++) {
        bool is_space = strchr(" \t\r\n", *text) != NULL;
        if (is_space && has_space)
            continue;
        has_space = is_space;
        words[size++] = is_space ? ' ' : *text;
    }
    while (size && (words[size - 1] == ' ' || words[size - 1] == '.'))
        size--;
    words[size] = '\0';
    buffer_add_text(out, ": ");
    plain_add(out, words, "");
}
