#include "text/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "memory/secret.h"
#include "text/buffer.h"

enum { BLOCK = 16 * 1024 };

struct xml {
    XML_Parser parser;
    const struct xml_handler *handler;
    void *user;
    struct buffer path; /* of the present element; "" outside of all elements */
    struct buffer text; /* of the present element, since it began */
    bool is_leaf;       /* the present element has no elements inside */
    unsigned depth;     /* of the present element */
    bool is_hostile;
    /* Bytes that expat has not had.  With each piece, expat reads an unfinished tag from its
     * beginning again, so a long tag in small pieces would take quadratic time. */
    struct buffer pending;
    size_t parsed; /* bytes that expat has had */
};

static void refuse(struct xml *xml)
{
    xml->is_hostile = true;
    xml_stop(xml);
}

static void refuse_doctype(void *user, const XML_Char *name, const XML_Char *system,
                           const XML_Char *public, int has_subset)
{
    (void)name, (void)system, (void)public, (void)has_subset;
    refuse(user);
}

static void start_element(void *user, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    struct xml *xml = user;
    if (++xml->depth > XML_DEPTH_MAX) {
        refuse(xml);
        return;
    }
    if (xml->path.size)
        buffer_add(&xml->path, "/", 1);
    buffer_add_text(&xml->path, name);
    buffer_clear(&xml->text);
    xml->is_leaf = true;
    if (xml->handler->start)
        xml->handler->start(xml->user, xml->path.data);
}

static void add_text(void *user, const XML_Char *text, int size)
{
    struct xml *xml = user;
    if (!xml->is_leaf)
        return;
    if (xml->text.size + (size_t)size > XML_TEXT_MAX)
        refuse(xml);
    else
        buffer_add(&xml->text, text, (size_t)size);
}

static void end_element(void *user, const XML_Char *name)
{
    struct xml *xml = user;
    if (xml->is_hostile)
        return; /* expat calls this for an empty element even if start_element() has stopped it */
    buffer_add(&xml->text, "", 0);
    xml->handler->end(xml->user, xml->path.data, xml->is_leaf ? xml->text.data : NULL);
    size_t size = xml->path.size - strlen(name);
    xml->path.size = size ? size - 1 : 0;
    xml->path.data[xml->path.size] = '\0';
    xml->is_leaf = false;
    xml->depth--;
}

struct xml *xml_new(const struct xml_handler *handler, void *user)
{
    static const XML_Memory_Handling_Suite memory = {secret_allocate, secret_resize, secret_free};
    struct xml *xml = memory_allocate(1, sizeof *xml);
    xml->handler = handler;
    xml->user = user;
    xml->text.is_secret = xml->pending.is_secret = true;    /* documents of STS have keys */
    xml->parser = XML_ParserCreate_MM(NULL, &memory, NULL); /* without namespaces */
    if (!xml->parser)
        memory_exhausted();
    XML_SetUserData(xml->parser, xml);
    XML_SetElementHandler(xml->parser, start_element, end_element);
    XML_SetCharacterDataHandler(xml->parser, add_text);
    XML_SetStartDoctypeDeclHandler(xml->parser, refuse_doctype);
    return xml;
}

/* Returns how many bytes of the document expat has parsed; -1: expat does not know. */
static int64_t place_of(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 9)
    return XML_GetCurrentByteIndex64(parser);
#else
    return XML_GetCurrentByteIndex(parser);
#endif
}

/* Gives expat a block.  Refuses a tag without an end: expat keeps only the beginning of an
 * unfinished tag, so many bytes between the parsed ones and the given ones are one tag. */
static bool parse(struct xml *xml, const char *data, size_t size, bool is_last)
{
    if (XML_Parse(xml->parser, data, (int)size, is_last) != XML_STATUS_OK)
        return false;
    xml->parsed += size;
    int64_t at = place_of(xml->parser);
    if (at < 0 || is_last || xml->parsed - (size_t)at <= XML_TAG_MAX + BLOCK)
        return true;
    xml->is_hostile = true;
    return false;
}

bool xml_add(struct xml *xml, const void *data, size_t size, bool is_last)
{
    const char *next = data;
    if (xml->pending.size || size < BLOCK) {
        size_t room = BLOCK - xml->pending.size, part = size < room ? size : room;
        buffer_add(&xml->pending, next, part);
        next += part;
        size -= part;
        if (xml->pending.size == BLOCK || is_last) {
            if (!parse(xml, xml->pending.data, xml->pending.size, is_last && !size))
                return false;
            buffer_clear(&xml->pending);
        }
    }
    while (size >= BLOCK || (size && is_last)) {
        size_t part = size < BLOCK ? size : BLOCK;
        if (!parse(xml, next, part, is_last && part == size))
            return false;
        next += part;
        size -= part;
    }
    if (size)
        buffer_add(&xml->pending, next, size);
    return true;
}

bool xml_is_hostile(const struct xml *xml)
{
    return xml->is_hostile;
}

bool xml_is_cut(const struct xml *xml)
{
    enum XML_Error error = XML_GetErrorCode(xml->parser);
    return !xml->is_hostile &&
           (error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN ||
            error == XML_ERROR_PARTIAL_CHAR || error == XML_ERROR_UNCLOSED_CDATA_SECTION);
}

void xml_stop(struct xml *xml)
{
    XML_StopParser(xml->parser, XML_FALSE);
}

void xml_free(struct xml *xml)
{
    if (!xml)
        return;
    XML_ParserFree(xml->parser);
    buffer_free(&xml->path);
    buffer_free(&xml->text);
    buffer_free(&xml->pending);
    free(xml);
}
