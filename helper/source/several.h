/* Several sources of one site, each a bucket or a path, as one.
 *
 * The keys of its objects are their whole names: s3://BUCKET/KEY, and the paths of files.  So an object is
 * known with its source, and stays known when the source leaves the list of the site.  Each source keeps
 * its own connection, region and filter; they are listed, read and cleaned up one after the other. */
#ifndef SOURCE_SEVERAL_H
#define SOURCE_SEVERAL_H

#include "source/kind.h"

/* Returns the kind of a list of sources (config/sources.h): the tags of objects that are all in buckets stand
 * for their contents. */
const struct source_kind *several_kind(const char *sources);

#endif
