/* Reads XML documents by the paths of their elements, with expat.
 *
 * The documents come from a server that may be broken or hostile.  So a document type (DTD), an
 * element deeper than XML_DEPTH_MAX, and a text or a tag longer than XML_TEXT_MAX or XML_TAG_MAX
 * bytes end the reading.  The time is linear in the size of the document, in however small pieces
 * it comes. */
#ifndef TEXT_XML_H
#define TEXT_XML_H

#include <stdbool.h>
#include <stddef.h>

enum {
    XML_DEPTH_MAX = 8,
    XML_TEXT_MAX = 64 * 1024, /* bytes of the text of an element */
    XML_TAG_MAX = 16 * 1024,  /* bytes of a tag or a comment */
};

struct xml;

/* Called with the path of an element, such as "ListBucketResult/Contents/Key". */
struct xml_handler {
    void (*start)(void *user, const char *path); /* NULL, or called when an element begins */
    /* Called when an element ends.  TEXT is the text of the element, with entities decoded; NULL if
     * the element has elements inside. */
    void (*end)(void *user, const char *path, const char *text);
};

/* Makes a reader for one document; HANDLER must outlive it. */
struct xml *xml_new(const struct xml_handler *handler, void *user);

/* Takes the next bytes; IS_LAST: the document ends with them.  Returns false if the document is not
 * well-formed or exceeds a limit, or after xml_stop().  Parses the bytes in blocks, so a call may
 * return an error of earlier bytes. */
bool xml_add(struct xml *xml, const void *data, size_t size, bool is_last);

/* After xml_add() returned false: returns whether the document has a DTD or exceeds a limit, as no
 * document of S3 does. */
bool xml_is_hostile(const struct xml *xml);

/* After xml_add() returned false: returns whether the document ends too early. */
bool xml_is_cut(const struct xml *xml);

/* Lets xml_add() fail, and call no further handler.  A handler may call this. */
void xml_stop(struct xml *xml);

void xml_free(struct xml *xml); /* NULL is allowed */

#endif
