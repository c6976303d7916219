/* Makes one source of several sources of a site, each a bucket or a path.
 *
 * The keys of the objects are their whole names: s3://BUCKET/KEY, and the paths of files.  So the
 * ledger knows each object with its source, also after the source has left the list of the site.
 * Each source keeps its own connection, region and filter; the program lists, reads and cleans up
 * one source after the other. */
#ifndef SOURCE_SEVERAL_H
#define SOURCE_SEVERAL_H

#include "source/kind.h"

/* Returns the kind for a list of sources (config/sources.h).  There are two: if all sources are
 * buckets, the tags of objects stand for their contents. */
const struct source_kind *several_kind(const char *sources);

#endif
