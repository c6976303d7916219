/* The JSON document that programs, containers and the metadata of EC2 give keys in:
 * {"AccessKeyId": ..., "SecretAccessKey": ..., "Token": ..., "Expiration": ...} */
#ifndef AWS_KEY_DOCUMENT_H
#define AWS_KEY_DOCUMENT_H

#include <stdbool.h>

#include "aws/credentials.h"
#include "text/document.h"
#include "text/secrets.h"

/* Sets key_id, secret, token and expires of KEYS from DOCUMENT.  TOKEN is the name of the token's
 * member.  Returns false after adding the name of a member that is missing or malformed to ERROR,
 * as in "has no SecretAccessKey". */
bool key_document_read(struct credentials *keys, const struct document *document, const char *token,
                       struct buffer *error);

/* Adds ": " and TEXT of a service or a program to OUT, as a part of one line: without characters that
 * are not printable, and not longer than 300 bytes.  Adds nothing for NULL, or when the service has
 * sent back a part of the SECRETS that it was sent. */
void key_document_add_words(struct buffer *out, const char *text, const struct secrets *secrets);

#endif
