#include "aws/chain.h"

#include <stdlib.h>

#include "aws/environment.h"
#include "aws/profile.h"
#include "memory/allocate.h"
#include "text/message.h"

enum { LINKS_MAX = 8 };

/* The links in their order; the chain is a source itself. */
struct chain {
    struct link {
        const struct credentials_source *source;
        void *state;
    } links[LINKS_MAX];
    size_t count;
    const struct link *chosen; /* the link that had keys, NULL: none yet */
    char *credentials_path;    /* where keys could be put, for the error */
};

static void add_link(struct chain *chain, const struct credentials_source *source, void *state)
{
    chain->links[chain->count++] = (struct link){source, state};
}

static enum credentials_result fetch(void *state, struct credentials *keys, struct buffer *error)
{
    struct chain *chain = state;
    if (chain->chosen)
        return chain->chosen->source->fetch(chain->chosen->state, keys, error);
    for (size_t i = 0; i < chain->count; i++) {
        struct link *link = &chain->links[i];
        enum credentials_result result = link->source->fetch(link->state, keys, error);
        if (result == CREDENTIALS_FOUND)
            chain->chosen = link;
        if (result != CREDENTIALS_NONE)
            return result;
    }
    buffer_printf(
        error,
        "no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put them "
        "into a profile of %s",
        chain->credentials_path);
    return CREDENTIALS_NONE;
}

static void free_chain(void *state)
{
    struct chain *chain = state;
    for (size_t i = 0; i < chain->count; i++)
        if (chain->links[i].source->free)
            chain->links[i].source->free(chain->links[i].state);
    free(chain->credentials_path);
    free(chain);
}

static const struct credentials_source chain_source = {.fetch = fetch, .free = free_chain};

/* Returns a copy of the first of the two variables that is set, else of the profile's text. */
static char *find_setting(const char *variable, const char *other, const char *profile)
{
    const char *value = environment_get(variable);
    if (!value)
        value = environment_get(other);
    if (!value)
        value = profile;
    return value ? memory_copy_text(value) : NULL;
}

struct credentials_provider *chain_find(struct aws_settings *settings, const char *name,
                                        struct buffer *error)
{
    const char *named = name ? name : environment_get("AWS_PROFILE");
    bool has_environment =
        environment_get("AWS_ACCESS_KEY_ID") && environment_get("AWS_SECRET_ACCESS_KEY");
    struct credentials_provider *provider = NULL;
    struct profile profile;
    struct buffer file_error = {0};
    *settings = (struct aws_settings){0};
    if (!profile_read(&profile, named ? named : "default", &file_error)) {
        if (named || !has_environment) {
            buffer_add_text(error, file_error.data);
            goto out;
        }
        message_verbose("%s", file_error.data);
    }
    settings->region = find_setting("AWS_REGION", "AWS_DEFAULT_REGION", profile.region);
    settings->endpoint = find_setting("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", profile.endpoint);

    struct chain *chain = memory_allocate(1, sizeof *chain);
    struct profile_choice *choice = memory_allocate(1, sizeof *choice);
    *choice = (struct profile_choice){memory_copy_text(profile.name), named != NULL};
    chain->credentials_path = memory_copy_text(profile.credentials_path);
    if (!name)
        add_link(chain, &environment_source, NULL);
    add_link(chain, &profile_source, choice);
    provider = credentials_provider_new(&chain_source, chain, error);
    if (!provider)
        aws_settings_free(settings);
out:
    profile_free(&profile);
    buffer_free(&file_error);
    return provider;
}

void aws_settings_free(struct aws_settings *settings)
{
    free(settings->region);
    free(settings->endpoint);
    *settings = (struct aws_settings){0};
}
