#include "aws/sigv4.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text/hex.h"

enum { HASH_SIZE = 32, HEX_SIZE = 2 * HASH_SIZE + 1 };

bool sigv4_hash(char hex[SIGV4_HASH_SIZE], const void *data, size_t size)
{
    unsigned char hash[HASH_SIZE];
    if (!EVP_Digest(data, size, hash, NULL, EVP_sha256(), NULL))
        return false;
    hex_write(hex, hash, HASH_SIZE);
    return true;
}

/* Returns a context for HMAC with SHA-256; NULL when OpenSSL has none. */
static EVP_MAC_CTX *new_mac(void)
{
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    EVP_MAC_free(hmac);
    if (context && EVP_MAC_CTX_set_params(context, parameters))
        return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

static bool mac(unsigned char result[HASH_SIZE], EVP_MAC_CTX *context, const void *key,
                size_t key_size, const char *text)
{
    size_t size;
    return EVP_MAC_init(context, key, key_size, NULL) &&
           EVP_MAC_update(context, (const unsigned char *)text, strlen(text)) &&
           EVP_MAC_final(context, result, &size, HASH_SIZE);
}

bool sigv4_scope(char scope[SIGV4_SCOPE_SIZE], const char *time, const char *region,
                 const char *service)
{
    int size = snprintf(scope, SIGV4_SCOPE_SIZE, "%.8s/%s/%s/aws4_request", time, region, service);
    return size > 0 && size < SIGV4_SCOPE_SIZE;
}

void sigv4_put_time(char out[SIGV4_TIME_SIZE])
{
    const time_t now = time(NULL);
    struct tm tm;
    strftime(out, SIGV4_TIME_SIZE, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
}

bool sigv4_key_derive(struct sigv4_key *key, const char *secret, const char *time,
                      const char *region, const char *service)
{
    struct buffer start = {.is_secret = true};
    char day[9];
    memcpy(day, time, 8);
    day[8] = '\0';
    if (!key->mac && !(key->mac = new_mac()))
        return false;
    if (!key->sha256 && !(key->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL)))
        return false;
    if (!key->digest && !(key->digest = EVP_MD_CTX_new()))
        return false;
    buffer_printf(&start, "AWS4%s", secret);
    bool derived = sigv4_scope(key->scope, time, region, service) &&
                   mac(key->key, key->mac, start.data, start.size, day) &&
                   mac(key->key, key->mac, key->key, HASH_SIZE, region) &&
                   mac(key->key, key->mac, key->key, HASH_SIZE, service) &&
                   mac(key->key, key->mac, key->key, HASH_SIZE, "aws4_request");
    buffer_free(&start);
    return derived;
}

void sigv4_key_clear(struct sigv4_key *key)
{
    EVP_MD_CTX_free(key->digest);
    EVP_MD_free(key->sha256);
    EVP_MAC_CTX_free(key->mac); /* overwrites the copy of the key there */
    OPENSSL_cleanse(key, sizeof *key);
}

/* Adds a header's value without spaces around it, and with one space for each run of spaces. */
static void add_trimmed(struct buffer *out, const char *value)
{
    value += strspn(value, " ");
    while (*value) {
        size_t word = strcspn(value, " "), gap = strspn(value + word, " ");
        buffer_add(out, value, word);
        value += word + gap;
        if (gap && *value)
            buffer_add(out, " ", 1);
    }
}

static void add_line(struct buffer *out, const char *text)
{
    buffer_add_text(out, text);
    buffer_add(out, "\n", 1);
}

bool sigv4_sign(struct buffer *authorization, const struct sigv4_request *request,
                const char *access_key_id, const struct sigv4_key *key)
{
    struct buffer text = {.is_secret = true}, names = {0}; /* the text has the session's token */
    unsigned char hash[HASH_SIZE];
    char hex[HEX_SIZE];
    bool made = false;

    /* The canonical request. */
    add_line(&text, request->method);
    add_line(&text, request->path);
    add_line(&text, request->query);
    for (size_t i = 0; i < request->header_count; i++) {
        buffer_add_text(&text, request->headers[i].name);
        buffer_add(&text, ":", 1);
        add_trimmed(&text, request->headers[i].value);
        buffer_add(&text, "\n", 1);
        buffer_add(&names, ";", i > 0);
        buffer_add_text(&names, request->headers[i].name);
    }
    buffer_add(&text, "\n", 1);
    add_line(&text, names.data ? names.data : "");
    buffer_add_text(&text, request->payload_hash);
    if (!EVP_DigestInit_ex(key->digest, key->sha256, NULL) ||
        !EVP_DigestUpdate(key->digest, text.data, text.size) ||
        !EVP_DigestFinal_ex(key->digest, hash, NULL))
        goto out;

    /* The string to sign, and its signature. */
    hex_write(hex, hash, HASH_SIZE);
    buffer_clear(&text);
    add_line(&text, "AWS4-HMAC-SHA256");
    add_line(&text, request->time);
    add_line(&text, key->scope);
    buffer_add_text(&text, hex);
    if (!mac(hash, key->mac, key->key, HASH_SIZE, text.data))
        goto out;
    hex_write(hex, hash, HASH_SIZE);
    buffer_add_text(authorization, "AWS4-HMAC-SHA256 Credential=");
    buffer_add_text(authorization, access_key_id);
    buffer_add(authorization, "/", 1);
    buffer_add_text(authorization, key->scope);
    buffer_add_text(authorization, ",SignedHeaders=");
    buffer_add_text(authorization, names.data ? names.data : "");
    buffer_add_text(authorization, ",Signature=");
    buffer_add_text(authorization, hex);
    made = true;
out:
    buffer_free(&text);
    buffer_free(&names);
    return made;
}
