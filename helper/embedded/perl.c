/* Starts and ends perl's interpreter; perlembed(1) describes the order of the calls. */
#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"

#include <stdlib.h>

#include "embedded/calls.h"
#include "embedded/embedded.h"
#include "embedded/interpreter.h"
#include "memory/allocate.h"
#include "memory/heap.h"

enum { OWN_ARGUMENTS = 5 }; /* the words of make_arguments() beside the given ones, and the NULL */

/* Perl loads compiled modules with DynaLoader, as usual.  The compiled part of the plugin is in this program:
 * XSLoader calls MODULE::bootstrap when that is defined. */
EXTERN_C void boot_DynaLoader(pTHX_ CV *cv);
EXTERN_C void boot_AWStats__CloudFront(pTHX_ CV *cv);

static const struct embedded_options *current; /* for xs_init(), which gets no argument */

static void xs_init(pTHX)
{
    newXS("DynaLoader::boot_DynaLoader", boot_DynaLoader, __FILE__);
    newXS("AWStats::CloudFront::bootstrap", boot_AWStats__CloudFront, __FILE__);
    calls_define(current);
}

/* Returns the command line of perl, NULL-terminated; the caller frees the array and *INCLUDE. */
static char **make_arguments(const struct embedded_options *options, char *const *arguments,
                             int *count, char **include)
{
    struct buffer folder = {0};
    size_t given = 0;
    while (arguments[given])
        given++;
    char **words = memory_allocate(OWN_ARGUMENTS + given, sizeof *words);
    buffer_printf(&folder, "-I%s/plugins/cloudfront", options->plugin);
    *include = folder.data;
    *count = 0;
    words[(*count)++] = (char *)"awstats-cloudfront";
    words[(*count)++] = *include;
    words[(*count)++] = (char *)"-MAWStats::CloudFront::Embedded";
    words[(*count)++] = (char *)options->program;
    for (size_t i = 0; i < given; i++)
        words[(*count)++] = arguments[i];
    return words;
}

/* Whether perl must free all its memory at its end, to find leaks (PERL_DESTRUCT_LEVEL in perlrun(1)). */
static bool is_to_free_all(void)
{
    const char *level = getenv("PERL_DESTRUCT_LEVEL");
    return level && atoi(level) > 0;
}

/* Initializes perl, which a process may do only once. */
static void start_perl(int *count, char ***words, char ***environment)
{
    static bool is_started;
    if (!is_started)
        PERL_SYS_INIT3(count, words, environment);
    is_started = true;
}

PerlInterpreter *interpreter_parse(const struct embedded_options *options, char *const *arguments,
                                   int *status)
{
    int count;
    char *include, **words = make_arguments(options, arguments, &count, &include);
    start_perl(&count, &words, &environ);
    PerlInterpreter *my_perl = perl_alloc();
    if (!my_perl)
        memory_exhausted();
    perl_construct(my_perl);
    PL_exit_flags |= PERL_EXIT_DESTRUCT_END; /* END blocks run in perl_destruct() */
    PL_perl_destruct_level = options->frees_all || is_to_free_all() ? 2 : 0;
    current = options;
    *status = perl_parse(my_perl, xs_init, count, words, NULL);
    free(include);
    free(words);
    return my_perl;
}

int interpreter_end(PerlInterpreter *my_perl)
{
    int status = perl_destruct(my_perl);
    perl_free(my_perl);
    return status;
}

int embedded_run(const struct embedded_options *options)
{
    int status;
    heap_expect_many();
    PerlInterpreter *my_perl = interpreter_parse(options, options->arguments, &status);
    if (status == 0)
        perl_run(my_perl);
    return interpreter_end(my_perl);
}
