/* Reads the JSON document in which programs, containers and the metadata service of EC2 give keys:
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

/* Adds ": " and TEXT, the words of a service or a program, to OUT as a part of one line: at most
 * 300 bytes, without unprintable characters.  Adds nothing for NULL, or if TEXT repeats a part of
 * the SECRETS that were sent to the service. */
void key_document_add_words(struct buffer *out, const char *text, const struct secrets *secrets);

#endif
