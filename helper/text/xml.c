#include "text/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "text/buffer.h"

struct xml {
    XML_Parser parser;
    const struct xml_handler *handler;
    void *user;
    struct buffer path; /* of the present element; "" outside all */
    struct buffer text; /* of the present element, since it began */
    bool is_leaf;       /* the present element has no elements inside */
};

static void start_element(void *user, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    struct xml *xml = user;
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
    if (xml->is_leaf)
        buffer_add(&xml->text, text, (size_t)size);
}

static void end_element(void *user, const XML_Char *name)
{
    struct xml *xml = user;
    buffer_add(&xml->text, "", 0);
    xml->handler->end(xml->user, xml->path.data, xml->is_leaf ? xml->text.data : NULL);
    size_t size = xml->path.size - strlen(name);
    xml->path.size = size ? size - 1 : 0;
    xml->path.data[xml->path.size] = '\0';
    xml->is_leaf = false;
}

struct xml *xml_new(const struct xml_handler *handler, void *user)
{
    struct xml *xml = memory_allocate(1, sizeof *xml);
    xml->handler = handler;
    xml->user = user;
    xml->parser = XML_ParserCreate(NULL);
    if (!xml->parser)
        memory_exhausted();
    XML_SetUserData(xml->parser, xml);
    XML_SetElementHandler(xml->parser, start_element, end_element);
    XML_SetCharacterDataHandler(xml->parser, add_text);
    return xml;
}

bool xml_add(struct xml *xml, const void *data, size_t size, bool is_last)
{
    return XML_Parse(xml->parser, data, (int)size, is_last) == XML_STATUS_OK;
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
    free(xml);
}
