/* AWS Signature Version 4.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

/* SHA-256 of no bytes, the value of x-amz-content-sha256 for a request without a body. */
#define SIGV4_EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum { SIGV4_HASH_SIZE = 65 };

/* Stores the SHA-256 of a body in hexadecimal, with a NUL.  Returns false when OpenSSL fails. */
bool sigv4_hash(char hash[SIGV4_HASH_SIZE], const void *data, size_t size);

enum { SIGV4_SCOPE_SIZE = 96, SIGV4_TIME_SIZE = sizeof "YYYYMMDDTHHMMSSZ" };

/* Writes the present time as YYYYMMDDTHHMMSSZ, the value of x-amz-date. */
void sigv4_put_time(char out[SIGV4_TIME_SIZE]);

/* The signing key for one day, region and service.  Zeroed at birth. */
struct sigv4_key {
    char scope[SIGV4_SCOPE_SIZE]; /* DAY/REGION/SERVICE/aws4_request */
    unsigned char key[32];
    /* OpenSSL's objects, made once, since a look-up takes longer than a signature; owned: */
    EVP_MD *sha256;
    EVP_MD_CTX *digest;
    EVP_MAC_CTX *mac; /* HMAC with SHA-256 */
};

struct sigv4_header {
    const char *name; /* in lower case */
    const char *value;
};

struct sigv4_request {
    const char *method;
    const char *path;  /* percent-encoded, begins with "/" */
    const char *query; /* "name=value&...", percent-encoded and sorted; "" for none */
    const struct sigv4_header *headers; /* sorted by name; host and x-amz-date among them */
    size_t header_count;
    const char *time;         /* YYYYMMDDTHHMMSSZ, the value of x-amz-date */
    const char *payload_hash; /* the value of x-amz-content-sha256 */
};

/* Writes DAY/REGION/SERVICE/aws4_request for the day of TIME (YYYYMMDDTHHMMSSZ).  Returns false
 * when the names are too long. */
bool sigv4_scope(char scope[SIGV4_SCOPE_SIZE], const char *time, const char *region,
                 const char *service);

/* Derives the key for the day of TIME, which replaces the one in KEY.  Returns false when OpenSSL
 * fails or the region's name is too long. */
bool sigv4_key_derive(struct sigv4_key *key, const char *secret, const char *time,
                      const char *region, const char *service);

/* Overwrites and frees the contents of KEY. */
void sigv4_key_clear(struct sigv4_key *key);

/* Adds the value of the Authorization header for REQUEST.  Returns false when OpenSSL fails. */
bool sigv4_sign(struct buffer *authorization, const struct sigv4_request *request,
                const char *access_key_id, const struct sigv4_key *key);

#endif
