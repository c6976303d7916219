/* Reads XML documents by the paths of their elements, over expat. */
#ifndef TEXT_XML_H
#define TEXT_XML_H

#include <stdbool.h>
#include <stddef.h>

struct xml;

/* Called with the path of an element, such as "ListBucketResult/Contents/Key". */
struct xml_handler {
    void (*start)(void *user, const char *path); /* NULL, or called when an element begins */
    /* Called when an element ends.  TEXT is what the element holds, with entities decoded; NULL if
     * it holds other elements. */
    void (*end)(void *user, const char *path, const char *text);
};

/* Makes a reader for one document; HANDLER must outlive it. */
struct xml *xml_new(const struct xml_handler *handler, void *user);

/* Takes the next bytes; IS_LAST: the document ends with them.  Returns false if they are not
 * well-formed or the handler called xml_stop(). */
bool xml_add(struct xml *xml, const void *data, size_t size, bool is_last);

/* Ends the calls of handlers; a handler may call this. */
void xml_stop(struct xml *xml);

void xml_free(struct xml *xml); /* NULL is allowed */

#endif
