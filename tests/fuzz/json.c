/* Fuzzes the reading of a JSON object: what is read lies in the text or in the scratch memory, and a part
 * of a text never says something else than the whole. */
#include <stdlib.h>
#include <string.h>

#include "log/json.h"

static bool is_inside(const struct field *field, const char *begin, const char *end)
{
    return field->text >= begin && field->text + field->size <= end;
}

static void check_field(const struct field *field, const char *text, const char *end,
                        const char *scratch, size_t scratch_size)
{
    if (field->size && !is_inside(field, text, end) &&
        !is_inside(field, scratch, scratch + scratch_size))
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static struct json_object object;
    if (size < 2 || data[1] != '{')
        return 0;
    size_t scratch_size = (size_t)data[0] * 16;
    char *text = malloc(size - 1), *scratch = malloc(scratch_size + 1);
    memcpy(text, data + 1, size - 1);
    const char *s = text, *end = text + size - 1;
    enum json_result result = json_read_object(&object, &s, end, scratch, scratch_size);
    for (size_t i = 0; result == JSON_READ && i < object.count; i++) {
        check_field(&object.member[i].name, text, end, scratch, scratch_size);
        check_field(&object.member[i].value, text, end, scratch, scratch_size);
    }
    if (result == JSON_READ ? s <= text || s > end || s[-1] != '}' : s != text)
        abort();
    const char *part = text;
    enum json_result half =
        json_read_object(&object, &part, text + size / 2, scratch, scratch_size);
    if (half != JSON_MORE && (half != result || part != s))
        abort();
    free(text);
    free(scratch);
    return 0;
}
