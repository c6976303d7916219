#include "text/document.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

#include "memory/allocate.h"
#include "memory/secret.h"

struct document {
    json_t *root;
};

static void set_functions(void)
{
    json_set_alloc_funcs(secret_allocate, secret_free);
}

struct document *document_parse(const char *text, size_t size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error;
    pthread_once(&once, set_functions);
    json_t *root = json_loadb(text, size, 0, &error);
    if (!json_is_object(root)) {
        json_decref(root);
        return NULL;
    }
    struct document *document = memory_allocate(1, sizeof *document);
    document->root = root;
    return document;
}

void document_free(struct document *document)
{
    if (document)
        json_decref(document->root);
    free(document);
}

static const json_t *find(const struct document *document, const char *below, const char *name)
{
    const json_t *object = below ? json_object_get(document->root, below) : document->root;
    return json_object_get(object, name);
}

const char *document_text(const struct document *document, const char *below, const char *name)
{
    const char *text = json_string_value(find(document, below, name));
    return text && *text ? text : NULL;
}

bool document_integer(const struct document *document, const char *below, const char *name,
                      int64_t *value)
{
    static const double exact = 9007199254740992.0; /* 2^53: doubles have all whole numbers below */
    const json_t *number = find(document, below, name);
    double real = json_real_value(number); /* 0 for others */
    if (json_is_integer(number))
        *value = json_integer_value(number);
    else if (json_is_real(number) && real >= -exact && real <= exact &&
             real == (double)(int64_t)real)
        *value = (int64_t)real;
    else
        return false;
    return true;
}

void document_set(struct document *document, const char *name, const char *text)
{
    if (json_object_set_new(document->root, name, json_string(text)) < 0)
        memory_exhausted();
}

char *document_print(const struct document *document)
{
    char *text = json_dumps(document->root, JSON_COMPACT);
    if (!text)
        memory_exhausted();
    return text;
}

void document_free_text(char *text)
{
    secret_free(text);
}
