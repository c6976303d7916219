/* JSON documents: objects of strings and numbers, by jansson.  They hold secrets, so all memory is
 * overwritten when it is freed. */
#ifndef TEXT_DOCUMENT_H
#define TEXT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct document;

/* Parses SIZE bytes of TEXT.  Returns the document, which the caller frees; NULL when the bytes are
 * no JSON object. */
struct document *document_parse(const char *text, size_t size);
void document_free(struct document *document); /* NULL is allowed */

/* Returns the member NAME of the document's member BELOW (NULL: of the document itself); NULL when
 * there is none, or it is empty or no string.  The string is valid until the document is freed, or
 * the member set. */
const char *document_text(const struct document *document, const char *below, const char *name);

/* Reads a whole number in the same way, also one such as 1.0 or 1e3.  Returns false when there is none. */
bool document_integer(const struct document *document, const char *below, const char *name,
                      int64_t *value);

/* Sets the member NAME to a string. */
void document_set(struct document *document, const char *name, const char *text);

/* Returns the document as text, which the caller frees by document_free_text(). */
char *document_print(const struct document *document);
void document_free_text(char *text);

#endif
